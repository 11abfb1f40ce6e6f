"""A worker thread completes a future of the loop, and does not wake the loop."""
# clock: real

import asyncio
import threading
import time


class Bridge:
    def __init__(self):
        self.loop = asyncio.get_running_loop()

    def submit(self, number):
        future = self.loop.create_future()
        threading.Thread(target=self.work, args=(future, number)).start()
        return future

    def work(self, future, number):
        time.sleep(0.05)
        future.set_result(number * number)


async def compute(bridge, number):
    return await bridge.submit(number)  # WRONG: lostwakeup


async def main():
    task = asyncio.create_task(compute(Bridge(), 7))
    _, pending = await asyncio.wait([task], timeout=0.5)
    print("late" if pending else task.result())


asyncio.run(main())
