# packages: fastapi uvicorn
# children
"""`uvicorn --workers 2`: each worker is a run of its own."""
import json
import os
import pathlib
import signal
import socket
import subprocess
import sys
import time
import urllib.request

pathlib.Path("service.py").write_text(
    '''
import asyncio, os
from fastapi import FastAPI
app = FastAPI()
@app.get("/")
async def worker():
    await asyncio.sleep(0.05)
    return os.getpid()
'''
)
with socket.socket() as free:
    free.bind(("127.0.0.1", 0))
    port = free.getsockname()[1]
options = ["--workers", "2", "--port", str(port), "--log-level", "error", "--loop", "asyncio"]
server = subprocess.Popen([sys.executable, "-m", "uvicorn", "service:app", *options])
url = f"http://127.0.0.1:{port}/"


def ask():
    with urllib.request.urlopen(url, timeout=5) as answer:
        return json.load(answer)


workers = set()
deadline = time.monotonic() + 50
while len(workers) < 2 and time.monotonic() < deadline:
    try:
        workers.add(ask())
    except OSError:
        time.sleep(0.1)
print(len(workers), "workers", os.getpid() in workers)
server.send_signal(signal.SIGTERM)
server.wait(20)
