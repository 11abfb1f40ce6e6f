"""Cancellation: with a message, shielded, refused, of a group, by a timeout."""
import asyncio


async def stubborn():
    for _ in range(2):
        try:
            await asyncio.sleep(0.01)
        except asyncio.CancelledError as error:
            print("refused", error.args)
    return "stubborn"


async def main():
    task = asyncio.create_task(stubborn())
    await asyncio.sleep(0)
    task.cancel("please")
    print(await task)
    inner = asyncio.create_task(asyncio.sleep(0.005, "shielded"))
    outer = asyncio.shield(inner)
    outer.cancel()
    try:
        await outer
    except asyncio.CancelledError:
        print("outer cancelled", await inner)
    try:
        await asyncio.wait_for(asyncio.sleep(60), 0.005)
    except asyncio.TimeoutError as error:
        print("timeout", repr(error).replace("exceptions.", ""))
    if hasattr(asyncio, "TaskGroup"):
        try:
            async with asyncio.TaskGroup() as group:
                group.create_task(asyncio.sleep(60))
                group.create_task(asyncio.sleep(0.001)).add_done_callback(lambda _: 1 / 0)
                raise LookupError("in a group")
        except BaseException as error:
            print(type(error).__name__, error.exceptions)
    done, pending = await asyncio.wait([asyncio.create_task(asyncio.sleep(60))], timeout=0.001)
    print(len(done), len(pending))


asyncio.run(main())
