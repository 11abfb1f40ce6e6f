"""Measures what `docs/python.md` states.

    python3 python/tests/bench.py [--loopscope PATH] [--pairs N] [--each] [NAME…]

With `--each` under each CPython that is found, otherwise under this one. A NAME such as `python.3.11`
or `python.3.11.7.disk` chooses figures by the beginning of their names. Each line is `bench python.VERSION.NAME VALUE UNIT`. A ratio is the median of pairs that are measured in turn.

| name | what is measured |
|---|---|
| `yields.*`, `queue.*`, `start.*` | `cost.py`: CPU of loops that do nothing else; start of a script |
| `aiohttp`, `fastapi` | CPU of a server under load, everything recorded, to its CPU without |
| `memory`, `disk` | memory of the recorded program; bytes of its file for each event, without sources |
| `pause.idle`, `pause.busy` | from the command to the answer, of a server that waits and of one that does not |
| `ticks`, `clock` | the ticks of 17 commands; what the program's own clock shows in addition after them |
"""

import argparse
import array
import contextlib
import http.client
import json
import os
import socket
import statistics
import subprocess
import sys
import tempfile
import threading
import time

sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)))
import cost
from environment import ADAPTER, environment, install, interpreters
from wire_reader import Run

CONNECTIONS, REQUESTS, SERVER_PAIRS = 20, 300, 5

AIOHTTP = """
import sys, time
from aiohttp import web
async def hello(request):
    return web.Response(text="hello")
async def cpu(request):
    return web.Response(text=str(time.process_time()))
app = web.Application()
app.router.add_get("/", hello)
app.router.add_get("/cpu", cpu)
web.run_app(app, host="127.0.0.1", port=int(sys.argv[1]), print=None, access_log=None)
"""
FASTAPI = """
import sys, time, uvicorn
from fastapi import FastAPI
app = FastAPI()
@app.get("/")
async def hello():
    return {"hello": "world"}
@app.get("/cpu")
async def cpu():
    return time.process_time()
uvicorn.run(app, port=int(sys.argv[1]), log_level="error", access_log=False, loop="asyncio")
"""
SERVERS = {"aiohttp": (["aiohttp"], AIOHTTP), "fastapi": (["fastapi", "uvicorn"], FASTAPI)}

MANY_TASKS = """
import asyncio
async def worker(number):
    for _ in range(60):
        await asyncio.sleep(0.001)
async def main():
    await asyncio.gather(*[worker(number) for number in range(200)])
asyncio.run(main())
"""
#: Prints the kilobytes of the program that comes before it.
PEAK = """
try:
    with open("/proc/self/status") as status:
        print(status.read().split("VmHWM:")[1].split()[0])
except OSError:  # macOS
    import resource
    print(resource.getrusage(resource.RUSAGE_SELF).ru_maxrss // 1024)
"""
IDLE = """
import asyncio
async def main():
    server = await asyncio.start_server(lambda reader, writer: None, "127.0.0.1", 0)
    await server.serve_forever()
asyncio.run(main())
"""
BUSY = """
import asyncio
async def main():
    while True:
        await asyncio.sleep(0)
asyncio.run(main())
"""
CLOCK = """
import asyncio
async def main():
    loop = asyncio.get_running_loop()
    begun = loop.time()
    for _ in range(20):
        await asyncio.sleep(0.02)
    print(loop.time() - begun)
asyncio.run(main())
"""


def report(name, value, unit):
    version = sys.version.split()[0]
    print(f"bench python.{version}.{name} {value:.2f} {unit}", flush=True)


class Connection:
    """The program's connection to this reader, which counts its ticks and sees its answers."""

    def __init__(self, listener):
        self.socket, _ = listener.accept()
        self.answers = []
        self.ticks = 0
        self.answered = threading.Event()
        threading.Thread(target=self._read, daemon=True).start()

    def _read(self):
        run = Run()
        stream = self.socket.makefile("rb")
        while len(header := stream.read(5)) == 5:
            payload = stream.read(int.from_bytes(header[:4], "little"))
            if header[4:] == b"P":
                self.answers.append(time.perf_counter())
                self.answered.set()
            elif header[4:] == b"E":
                del run.events[:]
                run._events(array.array("q", payload))
                self.ticks += len(run.of("tick"))

    def command(self, byte):
        """Sends a command, and returns the seconds until its answer."""
        self.answered.clear()
        begun = time.perf_counter()
        self.socket.send(byte)
        self.answered.wait(10)
        return (self.answers[-1] if self.answers else begun + 10) - begun


@contextlib.contextmanager
def watched(code, folder, output=None):
    """A program that is connected to this reader."""
    with tempfile.TemporaryDirectory(dir=folder) as inner:
        path = os.path.join(inner, "s")
        with socket.socket(socket.AF_UNIX) as listener:
            listener.bind(path)
            listener.listen()
            variables = dict(os.environ, PYTHONPATH=ADAPTER, LOOPSCOPE_SOCKET=path)
            process = subprocess.Popen(
                [sys.executable, "-c", code], env=variables, stdout=output, text=True
            )
            try:
                yield process, Connection(listener)
            finally:
                process.kill()
                process.wait()


def control(folder):
    for name, code in (("idle", IDLE), ("busy", BUSY)):
        with watched(code, folder) as (_, connection):
            time.sleep(0.5)
            times = []
            for _ in range(11):
                times.append(connection.command(b"p") * 1000)
                connection.command(b"r")
                time.sleep(0.02)
            report(f"pause.{name}", statistics.median(times), "ms")
    # Other programs make timers late, in either run: the least of several runs has least of that.
    free_runs, watched_runs, ticks = [], [], []
    for _ in range(3):
        free = subprocess.run([sys.executable, "-c", CLOCK], capture_output=True, text=True)
        free_runs.append(float(free.stdout))
        with watched(CLOCK, folder, subprocess.PIPE) as (process, connection):
            time.sleep(0.1)
            connection.command(b"p")
            before = connection.ticks
            for _ in range(17):
                connection.command(b"t")
                time.sleep(0.2)
            ticks.append(connection.ticks - before)
            connection.command(b"r")
            watched_runs.append(float(process.stdout.readline()))
    report("ticks", statistics.median(ticks), "ticks_of_17_commands")
    report("clock", (min(watched_runs) - min(free_runs)) * 1000, "ms")


def peak(code, variables):
    """The most memory that a program used, in megabytes, as the program itself reads it at its end.

    The usage that `wait4` returns has the memory of this process, too: a child begins as a copy of it.
    """
    asked = subprocess.run(
        [sys.executable, "-c", code + PEAK], env=variables, capture_output=True, check=True, text=True
    )
    return int(asked.stdout) / 1024


@contextlib.contextmanager
def reader(folder):
    """The variables of a program whose recording is discarded."""
    with tempfile.TemporaryDirectory(dir=folder) as inner:
        path = os.path.join(inner, "s")
        with socket.socket(socket.AF_UNIX) as listener:
            listener.bind(path)
            listener.listen(64)
            threading.Thread(target=accept, args=(listener,), daemon=True).start()
            yield {"PYTHONPATH": ADAPTER, "LOOPSCOPE_SOCKET": path}


def accept(listener):
    with contextlib.suppress(OSError):
        cost.discard(listener)


def memory(folder):
    with reader(folder) as variables:
        with_it = dict(os.environ, **variables)
        for name, code in (("timers", MANY_TASKS), ("yields", cost.YIELDS)):
            pairs = [(peak(code, os.environ), peak(code, with_it)) for _ in range(3)]
            report(f"memory.{name}", statistics.median(b - a for a, b in pairs), "MB")


def disk(loopscope, folder):
    empty = tempfile.mkdtemp(dir=folder)
    for name, code in (("timers", MANY_TASKS), ("yields", cost.YIELDS), ("queue", cost.QUEUE)):
        file = os.path.join(folder, f"{name}.loopscope")
        command = [loopscope, "python", "--python", sys.executable, "--record", file, "-c", code]
        # A recording of `-c` keeps the Python files of the working directory, which are no events.
        subprocess.run(command, check=True, cwd=empty)
        asked = subprocess.run([loopscope, "replay", file, "--json"], capture_output=True, check=True)
        events = json.loads(asked.stdout)["events"]
        report(f"disk.{name}", os.path.getsize(file) / events, "B/event")


def free_port():
    with socket.socket() as found:
        found.bind(("127.0.0.1", 0))
        return found.getsockname()[1]


def get(connection, path="/"):
    connection.request("GET", path)
    return connection.getresponse().read()


def cpu_of(port):
    """The server's CPU seconds so far."""
    # A connection of its own: a server closes one that is idle for some seconds.
    connection = http.client.HTTPConnection("127.0.0.1", port)
    seconds = float(get(connection, "/cpu"))
    connection.close()
    return seconds


def load(port):
    """The server's CPU seconds for all requests."""

    def client():
        connection = http.client.HTTPConnection("127.0.0.1", port)
        for _ in range(REQUESTS):
            get(connection)
        connection.close()

    before = cpu_of(port)
    clients = [threading.Thread(target=client) for _ in range(CONNECTIONS)]
    for thread in clients:
        thread.start()
    for thread in clients:
        thread.join()
    return cpu_of(port) - before


@contextlib.contextmanager
def server(python, code, variables):
    port = free_port()
    process = subprocess.Popen([python, "-c", code, str(port)], env=dict(os.environ, **variables))
    try:
        for _ in range(600):
            with contextlib.suppress(OSError):
                socket.create_connection(("127.0.0.1", port)).close()
                break
            time.sleep(0.05)
        yield port
    finally:
        process.terminate()
        process.wait()


def servers(folder):
    with environment() as python, reader(folder) as variables:
        for name, (packages, code) in SERVERS.items():
            if not install(python, packages):
                print(f"{name}: skipped, it cannot be installed here")
                continue
            with server(python, code, {}) as plain, server(python, code, variables) as recorded:
                load(plain), load(recorded)
                pairs = [(load(plain), load(recorded)) for _ in range(SERVER_PAIRS)]
            report(name, statistics.median(after / before for before, after in pairs), "ratio")


def one(loopscope, pairs, names):
    """All figures of this interpreter, or those whose names begin with one of `names`."""
    prefix = f"python.{sys.version.split()[0]}."

    def wanted(*figures):
        return not names or any(
            name.startswith(prefix + figure) or (prefix + figure).startswith(name)
            for name in names
            for figure in figures
        )

    with tempfile.TemporaryDirectory() as folder:
        if wanted("yields", "queue", "start"):
            cost.main(pairs)
        if wanted("pause", "ticks", "clock"):
            control(folder)
        if wanted("memory"):
            memory(folder)
        if wanted("disk") and loopscope is None:
            print("disk: skipped, the program loopscope was not named")
        elif wanted("disk"):
            disk(os.path.abspath(loopscope), folder)
        if wanted("aiohttp", "fastapi"):
            servers(folder)


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("--loopscope")
    parser.add_argument("--pairs", type=int, default=11)
    parser.add_argument("--each", action="store_true")
    parser.add_argument("names", nargs="*")
    arguments = parser.parse_args()
    if not arguments.each:
        one(arguments.loopscope, arguments.pairs, arguments.names)
        return
    rest = [argument for argument in sys.argv[1:] if argument != "--each"]
    found = interpreters()
    for version, python in found.items():
        subprocess.run([python, __file__, *rest], check=True)
    for minor in range(9, 16):
        if f"3.{minor}" not in found:
            print(f"python.3.{minor}: skipped, it is not found")


if __name__ == "__main__":
    main()
