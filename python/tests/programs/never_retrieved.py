"""A task fails and is not awaited: asyncio says so when the task is collected."""
import asyncio
import gc


async def fail():
    raise RuntimeError("lost")


async def main():
    asyncio.create_task(fail(), name="loser")
    await asyncio.sleep(0.01)
    gc.collect()
    print("collected")


asyncio.run(main())
