"""An exception leaves `asyncio.run` with its chain, its notes and its exit code."""
import asyncio


async def inner():
    raise KeyError("inner")


async def middle():
    try:
        await inner()
    except KeyError as error:
        raise ValueError("middle") from error


async def main():
    results = await asyncio.gather(inner(), middle(), return_exceptions=True)
    print([repr(result) for result in results])
    await middle()


asyncio.run(main())
