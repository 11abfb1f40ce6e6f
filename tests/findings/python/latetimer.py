"""A heartbeat that is late by the time of an encoder."""

import asyncio
import sys
import time


async def heartbeat(beats):
    for _ in range(beats):
        await asyncio.sleep(0.1)


def encode(frame):
    time.sleep(0.35)
    return frame


async def wrong():
    beat = asyncio.create_task(heartbeat(15))
    for frame in range(3):
        await asyncio.sleep(0.04)
        encode(frame)  # WRONG: latetimer
    await beat


async def right():
    beat = asyncio.create_task(heartbeat(15))
    for frame in range(3):
        await asyncio.sleep(0.04)
        await asyncio.to_thread(encode, frame)
    await beat


asyncio.run({"wrong": wrong, "right": right}[sys.argv[1]]())
