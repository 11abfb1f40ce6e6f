"""A task factory of the program's own, and a subclass of `Task`."""
import asyncio


class Named(asyncio.Task):
    def __repr__(self):
        return "<Named>"


def factory(loop, coroutine, **options):
    options.setdefault("name", None)
    name = options.pop("name")
    task = Named(coroutine, loop=loop, **options)
    if name is not None:
        task.set_name(name)
    return task


async def work():
    await asyncio.sleep(0.001)
    return repr(asyncio.current_task())


async def main():
    loop = asyncio.get_running_loop()
    loop.set_task_factory(factory)
    print(loop.get_task_factory() is factory)
    print(await asyncio.gather(work(), loop.create_task(work()), asyncio.create_task(work())))


asyncio.run(main())
