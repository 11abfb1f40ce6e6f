"""A driver with a thread of its own that puts its messages into the queue of the loop without waking it."""
# clock: real
import asyncio
import threading
import time


class Driver(threading.Thread):
    def __init__(self, deliver):
        super().__init__(daemon=True)
        self.deliver = deliver

    def run(self):
        for number in range(5):
            time.sleep(0.02)
            self.deliver(number)


async def main():
    messages = asyncio.Queue()
    Driver(messages.put_nowait).start()
    total = 0
    for _ in range(5):
        total += await messages.get()  # WRONG: lostwakeup
    print(total)


asyncio.run(main())
