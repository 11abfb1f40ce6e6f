"""`os._exit` in a task: no cleanup."""
import asyncio
import atexit
import os

atexit.register(print, "never printed")


async def main():
    print("leaving", flush=True)
    await asyncio.sleep(0)
    os._exit(3)


asyncio.run(main())
