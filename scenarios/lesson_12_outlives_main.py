"""Belief: background work outlives main.

`asyncio.run` goes on until main is done, and no longer: a task that is asleep then is cancelled where it stands.
"""

import asyncio

from twin import run


async def send_mail():
    await asyncio.sleep(2)
    print("mail sent")


async def wrong():
    mail = asyncio.create_task(send_mail())
    await asyncio.sleep(0.1)
    print("main is done")


async def right():
    mail = asyncio.create_task(send_mail())
    await asyncio.sleep(0.1)
    print("main is done")
    await mail


VARIANTS = [wrong, right]
PARAMS = {}

if __name__ == "__main__":
    run(VARIANTS, PARAMS)
