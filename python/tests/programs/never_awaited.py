"""A coroutine that is never awaited is reported, and so is a pending task at the end."""
import asyncio
import gc


async def work():
    pass


async def main():
    work()
    gc.collect()
    print("main ends")


asyncio.run(main())
