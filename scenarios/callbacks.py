"""What lies below `await`: a result that comes later, and a callback that runs when it is there.

Setting the result does not call the callback: the callback joins the loop's queue and runs in the
next tick. It prints the result and sets the event that main waits for.
"""

import asyncio

from twin import run


async def set_later(result):
    await asyncio.sleep(1)
    result.set_result("A result set by the slow_operation coroutine!")


def print_and_stop(stop):
    def callback(result):
        print(result.result())
        stop.set()

    return callback


async def future():
    stop = asyncio.Event()
    result = asyncio.get_running_loop().create_future()
    setting = asyncio.create_task(set_later(result))
    result.add_done_callback(print_and_stop(stop))
    await stop.wait()
    await setting


async def slow_operation():
    await asyncio.sleep(1)
    return "A return value from the slow_operation coroutine!"


async def task():
    stop = asyncio.Event()
    running = asyncio.create_task(slow_operation())
    running.add_done_callback(print_and_stop(stop))
    await stop.wait()


VARIANTS = [future, task]
PARAMS = {}

if __name__ == "__main__":
    run(VARIANTS, PARAMS)
