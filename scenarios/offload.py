"""Three pieces of work of a second each, beside a heartbeat.

Work in the loop stops the heartbeat for three seconds. On threads all three run at once, with two
threads two of them; child processes would help even if the work held Python's global lock.
"""

import asyncio
from concurrent.futures import ProcessPoolExecutor, ThreadPoolExecutor

from twin import block, run

PIECES = ["A", "B", "C"]


async def heartbeat():
    beat = 0
    while True:
        print(f"beat {beat}")
        beat += 1
        await asyncio.sleep(0.3)


async def beside_heartbeat(work):
    """Runs all the work beside a heart that beats, then says what is done."""
    heart = asyncio.create_task(heartbeat())
    await asyncio.sleep(0)  # the first beat
    for piece in await work:
        print(f"{piece} done")
    heart.cancel()
    await asyncio.wait([heart])


def do(piece):
    block(1)
    return piece


async def in_the_loop():
    return [do(piece) for piece in PIECES]


async def on(executor):
    loop = asyncio.get_running_loop()
    with executor:
        return await asyncio.gather(*(loop.run_in_executor(executor, do, piece) for piece in PIECES))


async def inline():
    await beside_heartbeat(in_the_loop())


async def to_thread():
    await beside_heartbeat(on(ThreadPoolExecutor(len(PIECES))))


async def two_threads():
    await beside_heartbeat(on(ThreadPoolExecutor(2)))


async def process_pool():
    await beside_heartbeat(on(ProcessPoolExecutor(len(PIECES))))


VARIANTS = [inline, to_thread, two_threads, process_pool]
PARAMS = {}

if __name__ == "__main__":
    run(VARIANTS, PARAMS)
