"""`sys.exit` in a task ends the program with its code, after the finally blocks."""
import asyncio
import sys


async def leave():
    await asyncio.sleep(0.01)
    sys.exit(7)


async def main():
    asyncio.create_task(leave())
    try:
        await asyncio.sleep(60)
    finally:
        print("cleaned up")


asyncio.run(main())
