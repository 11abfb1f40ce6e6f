"""Belief: a background error is loud.

A task's error is kept for the code that awaits it. If there is none, the program continues; asyncio
logs "Task exception was never retrieved" when the task is deleted.
"""

import asyncio

from twin import run


async def indexer():
    await asyncio.sleep(1)
    raise OSError("the disk is full")


async def wrong():
    indexing = asyncio.create_task(indexer())
    await asyncio.sleep(3)
    print("finished happily")


async def right():
    indexing = asyncio.create_task(indexer())
    try:
        await indexing
        print("finished happily")
    except OSError:
        print("the indexer failed")


VARIANTS = [wrong, right]
PARAMS = {}

if __name__ == "__main__":
    run(VARIANTS, PARAMS)
