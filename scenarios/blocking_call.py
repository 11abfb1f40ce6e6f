"""A heartbeat every half second, and a worker that makes a call of two seconds.

While the call blocks the thread, the loop can run no other task, and four beats come late. On
another thread the same call delays nothing, and neither does a wait in the loop.
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
        await asyncio.sleep(due - now())  # returns at once when it is late


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
