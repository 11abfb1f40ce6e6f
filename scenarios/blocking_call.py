"""A heartbeat every half second, and a worker that needs two seconds for something.

While the worker computes without a pause the loop cannot run anybody else, and four beats come late, all at once. On
another thread, or in small steps with a `sleep(0)` between them, the same work disturbs nobody.
"""

import asyncio

from twin import block, now, run

WORK = 2


async def heartbeat():
    due = now()
    for beat in range(8):
        print(f"beat {beat} late {now() - due:.1f}s")
        due += 0.5
        await asyncio.sleep(due - now())  # at once, if it is late already


async def beside_heartbeat(work):
    """Starts the worker beside the heartbeat."""
    beats = asyncio.create_task(heartbeat())
    await asyncio.sleep(0.7)
    print("worker starts")
    await work
    print("worker ends")
    await beats


async def in_one_go():
    block(WORK)


async def in_steps(steps=40):
    for _ in range(steps):
        block(WORK / steps)
        await asyncio.sleep(0)


async def blocking():
    await beside_heartbeat(in_one_go())


async def to_thread():
    await beside_heartbeat(asyncio.to_thread(block, WORK))


async def cooperative():
    await beside_heartbeat(in_steps())


VARIANTS = [blocking, to_thread, cooperative]
PARAMS = {}

if __name__ == "__main__":
    run(VARIANTS, PARAMS)
