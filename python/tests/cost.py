"""Measures what the adapter costs: `python3 python/tests/cost.py [PAIRS]`.

Each line is `bench NAME VALUE UNIT`. A ratio is the CPU time of a program under the adapter to its
CPU time without: the median of pairs that are run in turn. The adapter's reader discards everything.
`start.*.installed` is the start with the bytecode that pip leaves beside the adapter of the wheel.
"""

import compileall
import os
import resource
import shutil
import socket
import statistics
import subprocess
import sys
import tempfile
import threading

YIELDS = """
import asyncio
async def worker():
    for _ in range(200):
        await asyncio.sleep(0)
async def main():
    await asyncio.gather(*[worker() for _ in range(1000)])
asyncio.run(main())
"""
QUEUE = """
import asyncio
async def main():
    there, back = asyncio.Queue(1), asyncio.Queue(1)
    async def pong():
        for _ in range(50_000):
            await back.put(await there.get())
    task = asyncio.create_task(pong())
    for number in range(50_000):
        await there.put(number)
        await back.get()
    await task
asyncio.run(main())
"""
LOOP = "import asyncio\nasync def main(): pass\nasyncio.run(main())"
PROGRAMS = {"yields": YIELDS, "queue": QUEUE}
STARTS = {"start.bare": "pass", "start.asyncio": "import asyncio", "start.loop": LOOP}
VERSION = sys.version.split()[0]
ADAPTER = os.path.dirname(os.path.dirname(os.path.abspath(__file__)))


def discard(listener):
    def drain(connection):
        while connection.recv(1 << 20):
            pass

    while True:
        connection, _ = listener.accept()
        threading.Thread(target=drain, args=(connection,), daemon=True).start()


def cpu(code, environment):
    before = resource.getrusage(resource.RUSAGE_CHILDREN)
    subprocess.run([sys.executable, "-c", code], env=environment, check=True)
    after = resource.getrusage(resource.RUSAGE_CHILDREN)
    return after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime


def print_ratios(name, code, environments, pairs):
    for detail, with_it in environments.items():
        times = [(cpu(code, os.environ), cpu(code, with_it)) for _ in range(pairs)]
        value = statistics.median(after / before for before, after in times)
        print(f"bench python.{VERSION}.{name}.{detail} {value:.2f} ratio")


def print_starts(name, code, environments, pairs):
    for detail, with_it in environments.items():
        times = [(cpu(code, os.environ), cpu(code, with_it)) for _ in range(pairs)]
        value = statistics.median(after - before for before, after in times) * 1000
        print(f"bench python.{VERSION}.{name}.{detail} {value:.1f} ms")


def installed(folder):
    """A copy of the adapter with bytecode, as pip installs it."""
    package = os.path.join(folder, "_loopscope")
    shutil.copytree(os.path.join(ADAPTER, "_loopscope"), package)
    compileall.compile_dir(package, quiet=1)
    for name in "sitecustomize.py", "__pycache__":
        os.symlink(os.path.join(package, name), os.path.join(folder, name))
    return folder


def main(pairs):
    with tempfile.TemporaryDirectory() as folder:
        listener = socket.socket(socket.AF_UNIX)
        path = os.path.join(folder, "s")
        listener.bind(path)
        listener.listen()
        threading.Thread(target=discard, args=(listener,), daemon=True).start()
        # Each start of a program compiles the adapter, as it does without the wheel.
        shared = dict(os.environ, LOOPSCOPE_SOCKET=path, PYTHONPATH=ADAPTER)
        shared.update(PYTHONDONTWRITEBYTECODE="1", LOOPSCOPE_DETAIL="all")
        levels = {"causes": dict(shared, LOOPSCOPE_DETAIL="causes"), "all": shared}
        with tempfile.TemporaryDirectory() as copy:
            compiled = {"installed": dict(shared, PYTHONPATH=installed(copy))}
            for name, code in PROGRAMS.items():
                print_ratios(name, code, levels, pairs)
            for name, code in STARTS.items():
                print_starts(name, code, levels | compiled, pairs)


if __name__ == "__main__":
    main(int(sys.argv[1]) if len(sys.argv) > 1 else 11)
