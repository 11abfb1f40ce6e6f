"""What a program can ask of its loop: tasks, their stacks, handles, times, representations."""
import asyncio
import inspect
import sys


async def sleeper():
    await asyncio.sleep(0.01)


async def main():
    loop = asyncio.get_running_loop()
    task = asyncio.create_task(sleeper(), name="the sleeper")
    await asyncio.sleep(0)
    print(sorted(known.get_name() for known in asyncio.all_tasks()))
    print([frame.f_code.co_name for frame in task.get_stack()])
    task.print_stack(file=sys.stdout)
    print(repr(task).split(" wait_for")[0].split(" coro=")[0], task.get_coro().cr_frame is not None)
    handle = loop.call_later(5, print)
    print(0 < handle.when() - loop.time() <= 5, handle.cancelled())
    handle.cancel()
    print(handle.cancelled(), type(loop).__name__, loop.is_running())
    print(inspect.signature(loop.create_task).parameters.keys() >= {"coro"})
    print(inspect.iscoroutinefunction(loop.run_in_executor), asyncio.iscoroutinefunction(sleeper))
    print(len(inspect.stack()) < 20, [f.function for f in inspect.stack()][:1])
    await task


asyncio.run(main())
