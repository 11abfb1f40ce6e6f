"""Looks like `senderalive` and `deadlock`: nothing happens until a thread hands over its first item."""
# clock: real
import asyncio
import threading
import time


def measure(loop, deliver):
    for number in range(3):
        time.sleep(2.4 if number == 0 else 0.02)
        loop.call_soon_threadsafe(deliver, number)


async def main():
    values = asyncio.Queue()
    sensor = threading.Thread(target=measure, args=(asyncio.get_running_loop(), values.put_nowait))
    sensor.start()
    print([await values.get() for _ in range(3)])
    sensor.join()


asyncio.run(main())
