"""Runs programs of well-known frameworks with and without the adapter, and compares them.

    python3 python/tests/frameworks.py [FRAMEWORK…]

The frameworks are installed from the package index into a temporary environment. One that cannot be
installed is skipped by name.
"""

import os
import subprocess
import sys
import tempfile

sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)))
import wire_reader

CASES = {
    "aiohttp": (
        ["aiohttp"],
        """
import asyncio, aiohttp
from aiohttp import web

async def hello(request):
    return web.Response(text="hello " + request.match_info["name"])

async def main():
    app = web.Application()
    app.router.add_get("/{name}", hello)
    runner = web.AppRunner(app)
    await runner.setup()
    await web.TCPSite(runner, "127.0.0.1", 0).start()
    port = runner.addresses[0][1]
    async with aiohttp.ClientSession() as session:
        async def get(number):
            async with session.get(f"http://127.0.0.1:{port}/{number}") as answer:
                return await answer.text()
        print(await asyncio.gather(*[get(number) for number in range(20)]))
    await runner.cleanup()

asyncio.run(main())
""",
    ),
    "fastapi": (
        ["fastapi", "uvicorn", "httpx"],
        """
import asyncio, httpx, uvicorn
from fastapi import FastAPI

app = FastAPI()

@app.get("/{number}")
async def hello(number: int):
    await asyncio.sleep(0.001)
    return {"number": number}

async def main():
    server = uvicorn.Server(uvicorn.Config(app, port=0, log_level="error"))
    serving = asyncio.create_task(server.serve())
    while not server.started:
        await asyncio.sleep(0.01)
    port = server.servers[0].sockets[0].getsockname()[1]
    async with httpx.AsyncClient() as client:
        for number in range(5):
            print((await client.get(f"http://127.0.0.1:{port}/{number}")).json())
    server.should_exit = True
    await serving

asyncio.run(main())
""",
    ),
    "websockets": (
        ["websockets"],
        """
import asyncio, websockets

async def echo(socket):
    async for message in socket:
        await socket.send(message + "!")

async def main():
    async with websockets.serve(echo, "127.0.0.1", 0) as server:
        port = server.sockets[0].getsockname()[1]
        async with websockets.connect(f"ws://127.0.0.1:{port}") as client:
            for number in range(3):
                await client.send(str(number))
                print(await client.recv())

asyncio.run(main())
""",
    ),
    "anyio": (
        ["anyio", "aiofiles"],
        """
import anyio, aiofiles

async def worker(number):
    await anyio.sleep(0.02 * number)
    print("worker", number)

async def main():
    async with anyio.create_task_group() as group:
        for number in range(3):
            group.start_soon(worker, number)
    with anyio.move_on_after(0.02):
        await anyio.sleep(5)
    print(await anyio.to_thread.run_sync(lambda: 5))
    async with aiofiles.open(__file__) as file:
        print(len(await file.read()))

anyio.run(main)
""",
    ),
    "hypercorn": (
        ["hypercorn", "httpx"],
        """
import asyncio, httpx, socket
from hypercorn.asyncio import serve
from hypercorn.config import Config

async def app(scope, receive, send):
    if scope["type"] != "http":
        for answer in ("startup", "shutdown"):
            await receive()
            await send({"type": f"lifespan.{answer}.complete"})
        return
    await send({"type": "http.response.start", "status": 200, "headers": []})
    await send({"type": "http.response.body", "body": b"ok"})

async def main():
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    config = Config()
    config.bind = [f"127.0.0.1:{port}"]
    config.loglevel = "ERROR"
    stop = asyncio.Event()
    serving = asyncio.create_task(serve(app, config, shutdown_trigger=stop.wait))
    async with httpx.AsyncClient() as client:
        while True:
            try:
                print((await client.get(f"http://127.0.0.1:{port}/")).text)
                break
            except httpx.ConnectError:
                await asyncio.sleep(0.05)
    stop.set()
    await serving

asyncio.run(main())
""",
    ),
    "nest_asyncio": (
        ["nest_asyncio"],
        """
import asyncio, nest_asyncio

nest_asyncio.apply()

async def inner():
    await asyncio.sleep(0.01)
    return 4

async def main():
    print(asyncio.get_event_loop().run_until_complete(inner()))
    print(await inner())

asyncio.run(main())
""",
    ),
    "pytest-asyncio": (
        ["pytest", "pytest-asyncio"],
        """
import asyncio, pathlib, pytest, sys

pathlib.Path("test_it.py").write_text('''
import asyncio, pytest

@pytest.mark.asyncio
async def test_sleep():
    await asyncio.sleep(0.01)

@pytest.mark.asyncio
async def test_error():
    async def fail():
        raise ValueError
    with pytest.raises(ValueError):
        await asyncio.gather(fail())
''')
sys.exit(pytest.main(["-q", "-p", "no:cacheprovider", "--no-header", "-rN", "test_it.py"]))
""",
    ),
}


def plain(python, code):
    with tempfile.TemporaryDirectory() as folder:
        with open(os.path.join(folder, "script.py"), "w") as file:
            file.write(code)
        return subprocess.run(
            [python, "script.py"], cwd=folder, capture_output=True, text=True, timeout=60
        )


def check(name, python):
    code = CASES[name][1]
    without = plain(python, code)
    process, runs = wire_reader.record(code, python=python)
    ticks = sum(len(run.of("tick")) for run in runs)
    same = without.returncode == process.returncode
    if name != "pytest-asyncio":  # It prints how long it took.
        same = same and (without.stdout, without.stderr) == (process.stdout, process.stderr)
    print(f"{name}: {'same results' if same else 'DIFFERENT'}, {ticks} ticks recorded")
    if not same:
        print(without, process, sep="\n")
    return same and ticks > 0


def main(names):
    good = True
    with tempfile.TemporaryDirectory() as folder:
        subprocess.run([sys.executable, "-m", "venv", folder], check=True)
        python = os.path.join(folder, "bin", "python")
        for name in names or CASES:
            install = [python, "-m", "pip", "install", "-q", *CASES[name][0]]
            if subprocess.run(install, stderr=subprocess.DEVNULL).returncode:
                print(f"{name}: skipped, it cannot be installed here")
            else:
                good &= check(name, python)
    return 0 if good else 1


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
