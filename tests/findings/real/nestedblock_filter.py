"""Sync code runs coroutines in a thread of its own and waits for it, on the thread of the loop."""
# clock: real
import asyncio
import concurrent.futures

_threads = concurrent.futures.ThreadPoolExecutor(max_workers=1)


def run_sync(coroutine):
    return _threads.submit(asyncio.run, coroutine).result()  # WRONG: nestedblock


async def rate(currency):
    await asyncio.sleep(0.08)
    return {"EUR": 1.1, "GBP": 1.3}[currency]


def render(items):
    return ["%.2f" % (amount * run_sync(rate(currency))) for amount, currency in items]  # WRONG: nestedblock


async def handler(number):
    await asyncio.sleep(0.01 * number)
    return render([(10, "EUR"), (number, "GBP")])


async def heartbeat():
    while True:
        await asyncio.sleep(0.02)


async def main():
    beat = asyncio.create_task(heartbeat())
    pages = await asyncio.gather(*(handler(number) for number in range(2)))
    beat.cancel()
    print(pages)


asyncio.run(main())
