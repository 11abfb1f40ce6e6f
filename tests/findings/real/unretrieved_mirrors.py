"""A block is read from several mirrors. The first answer is taken, and the failures of the others are never seen."""
# clock: real

import asyncio


async def read(mirror):
    await asyncio.sleep(0.01 * mirror)
    if mirror > 1:
        raise OSError(f"mirror {mirror} has no such block")
    return mirror


async def read_first():
    tasks = [asyncio.create_task(read(mirror)) for mirror in (1, 2, 3)]  # WRONG: unretrieved
    done, _ = await asyncio.wait(tasks, return_when=asyncio.FIRST_COMPLETED)
    return done.pop().result()


async def main():
    print(await read_first())
    await asyncio.sleep(0.1)


asyncio.run(main())
