"""Belief: a background error is loud.

A task's error is kept for whoever awaits it. If nobody does, nobody is told while the program runs; asyncio logs "Task
exception was never retrieved" when the task goes away.
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
