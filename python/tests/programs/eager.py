"""Eager tasks, where the version has them: their first step runs in `create_task`."""
import asyncio


async def step(name):
    print(name, "begins")
    await asyncio.sleep(0)
    print(name, "continues")
    return name


async def at_once():
    return "at once"


async def fails():
    raise LookupError("eager")


async def main():
    loop = asyncio.get_running_loop()
    if hasattr(asyncio, "eager_task_factory"):
        loop.set_task_factory(asyncio.eager_task_factory)
    tasks = [asyncio.create_task(step(name)) for name in "abc"]
    print("created")
    done = asyncio.create_task(at_once())
    print(await done, await asyncio.gather(*tasks))
    print(await asyncio.gather(fails(), fails(), return_exceptions=True))


asyncio.run(main())
