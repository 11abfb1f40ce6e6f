"""A module beside `__main__`."""
import asyncio


async def work():
    await asyncio.sleep(0.001)
    return __name__
