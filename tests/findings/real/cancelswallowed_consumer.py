"""A consumer that continues when it is cancelled, so that the program does not end."""

# clock: real
import asyncio


async def consume(queue, seen):
    while True:
        try:
            item = await asyncio.wait_for(queue.get(), 0.05)  # WRONG: cancelswallowed
            seen.append(item)
        except asyncio.TimeoutError:
            continue
        except asyncio.CancelledError:
            print("cancel ignored")
            continue


async def main():
    queue, seen = asyncio.Queue(), []
    task = asyncio.create_task(consume(queue, seen))
    for n in range(3):
        await queue.put(n)
        await asyncio.sleep(0.02)
    task.cancel()
    await asyncio.wait([task], timeout=0.5)
    print("done", task.done())


asyncio.run(main())
