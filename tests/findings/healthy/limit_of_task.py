"""Looks like a swallowed cancellation: a limit cancels the task that it awaits, and the caller goes on."""
import asyncio


async def job(seconds):
    await asyncio.sleep(seconds)
    return seconds


async def main():
    done = late = 0
    for number in range(12):
        task = asyncio.ensure_future(job(1 if number % 3 == 1 else 0.05))
        try:
            await asyncio.wait_for(task, 0.3)
            done += 1
        except asyncio.TimeoutError:
            late += 1
        await asyncio.sleep(0.1)
    print(done, late)


asyncio.run(main())
