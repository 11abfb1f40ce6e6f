"""asyncio's debug mode: a slow callback is reported, and the origin of a lost coroutine."""
import asyncio
import gc
import logging
import re
import time


class Shown(logging.Handler):
    def emit(self, record):
        print(re.sub(r"[\d.]+ seconds|0x\w+|line \d+|:\d+", "…", record.getMessage())[:60])


async def work():
    pass


async def main():
    loop = asyncio.get_running_loop()
    print(loop.get_debug(), loop.slow_callback_duration)
    loop.slow_callback_duration = 0.3
    await asyncio.sleep(0)
    time.sleep(0.4)
    await asyncio.sleep(0)
    loop.slow_callback_duration = 60
    work()
    gc.collect()


logging.getLogger("asyncio").addHandler(Shown())
asyncio.run(main(), debug=True)
