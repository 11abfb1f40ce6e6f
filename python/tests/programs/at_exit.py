"""Functions of `atexit` run in their order, one of them a loop of its own."""
import asyncio
import atexit


async def late():
    await asyncio.sleep(0.001)
    print("late loop")


atexit.register(print, "registered first, runs last")
atexit.register(lambda: asyncio.run(late()))
atexit.register(print, "registered last, runs first")
asyncio.run(asyncio.sleep(0))
print("end of the script")
