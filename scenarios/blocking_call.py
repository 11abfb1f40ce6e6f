"""A heartbeat every half second, and a worker that makes a call of two seconds.

While a call holds the thread the loop cannot run anybody else, and four beats come late, all at once. On another thread
the same call disturbs nobody; nor does one that waits in the loop, as its timers do.
"""

import asyncio

from twin import block, now, run

# How long the call takes, in seconds.
CALL = 2


async def heartbeat():
    due = now()
    for beat in range(8):
        print(f"beat {beat} late {now() - due:.1f}s")
        due += 0.5
        await asyncio.sleep(due - now())  # at once, if it is late already


async def beside_heartbeat(call):
    """Has a worker make a call beside the heartbeat."""
    beats = asyncio.create_task(heartbeat())
    await asyncio.sleep(0.7)
    print("worker starts")
    await call
    print("worker ends")
    await beats


async def hold():
    block(CALL)


async def blocking():
    await beside_heartbeat(hold())


async def to_thread():
    await beside_heartbeat(asyncio.to_thread(block, CALL))


async def cooperative():
    await beside_heartbeat(asyncio.sleep(CALL))


VARIANTS = [blocking, to_thread, cooperative]
PARAMS = {}

if __name__ == "__main__":
    run(VARIANTS, PARAMS)
