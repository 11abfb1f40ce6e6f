"""Belief: background work outlives main.

`asyncio.run` runs until main is done; every other task is then cancelled.
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
