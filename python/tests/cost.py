"""Measures what the adapter costs: `python3 python/tests/cost.py [PAIRS]`.

Each line is `bench NAME VALUE UNIT`. A ratio is the CPU time of a program under the adapter to its
CPU time without: the median of pairs that are run in turn. The adapter's reader discards everything.
"""

import os
import resource
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
PROGRAMS = {
    "yields": YIELDS, "queue": QUEUE, "start.bare": "pass", "start.asyncio": "import asyncio",
    "start.loop": LOOP,
}  # fmt: skip


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


def main(pairs):
    with tempfile.TemporaryDirectory() as folder:
        listener = socket.socket(socket.AF_UNIX)
        path = os.path.join(folder, "s")
        listener.bind(path)
        listener.listen()
        threading.Thread(target=discard, args=(listener,), daemon=True).start()
        adapter = os.path.dirname(os.path.dirname(os.path.abspath(__file__)))
        version = sys.version.split()[0]
        for name, code in PROGRAMS.items():
            for detail in ("causes", "all"):
                with_it = dict(os.environ, PYTHONPATH=adapter, LOOPSCOPE_SOCKET=path)
                with_it["LOOPSCOPE_DETAIL"] = detail
                times = [(cpu(code, os.environ), cpu(code, with_it)) for _ in range(pairs)]
                if name.startswith("start"):
                    value = statistics.median(after - before for before, after in times) * 1000
                    print(f"bench python.{version}.{name}.{detail} {value:.1f} ms")
                else:
                    value = statistics.median(after / before for before, after in times)
                    print(f"bench python.{version}.{name}.{detail} {value:.2f} ratio")


if __name__ == "__main__":
    main(int(sys.argv[1]) if len(sys.argv) > 1 else 11)
