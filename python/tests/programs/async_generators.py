"""Asynchronous generators: closed early, left open at the end, thrown into."""
import asyncio
from contextlib import asynccontextmanager


async def count(name):
    try:
        for number in range(100):
            yield number
            await asyncio.sleep(0)
    finally:
        print("closed", name)


@asynccontextmanager
async def entered():
    print("enter")
    try:
        yield "value"
    except KeyError as error:
        print("exit with", repr(error))


async def main():
    async for number in count("broken off"):
        if number == 2:
            break
    early = count("by hand")
    print(await early.__anext__())
    await early.aclose()
    async with entered() as value:
        print(value)
        raise KeyError("thrown")
    left = count("at the end")
    await left.__anext__()
    print([number async for number in count("whole") if number > 97])


asyncio.run(main())
