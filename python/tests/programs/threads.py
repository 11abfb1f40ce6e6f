"""Loops in three threads, calls from one to another, and a thread that wakes the loop."""
import asyncio
import threading


async def answer(number):
    await asyncio.sleep(0.001)
    return number * number


async def main():
    loop = asyncio.get_running_loop()
    future = loop.create_future()
    threading.Timer(0.005, loop.call_soon_threadsafe, (future.set_result, "from a timer")).start()
    print(await future)
    results = {}

    def run(number):
        results[number] = asyncio.run(answer(number))

    threads = [threading.Thread(target=run, args=(number,)) for number in range(3)]
    for thread in threads:
        thread.start()
    for thread in threads:
        await asyncio.to_thread(thread.join)
    print(sorted(results.items()))

    def ask():
        return asyncio.run_coroutine_threadsafe(answer(9), loop).result()

    print(await asyncio.to_thread(ask))


asyncio.run(main())
