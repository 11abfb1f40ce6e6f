"""Connections are tried in parallel, and the losers are cancelled and awaited."""

import asyncio

async def connect(host, delay, fails):
    await asyncio.sleep(delay)
    if fails:
        raise OSError(f"{host} unreachable")
    return host

async def first(candidates, stagger=0.03):
    tasks = []
    try:
        for host, delay, fails in candidates:
            tasks.append(asyncio.create_task(connect(host, delay, fails)))
            done, _ = await asyncio.wait(tasks, timeout=stagger, return_when=asyncio.FIRST_COMPLETED)
            for task in done:
                if task.exception() is None:
                    return task.result()
        for task in asyncio.as_completed(tasks):
            try:
                return await task
            except OSError:
                pass
    finally:
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)

async def main():
    for _ in range(4):
        print(await first([("::1", 0.2, False), ("10.0.0.1", 0.01, True), ("10.0.0.2", 0.02, False)]))

asyncio.run(main())
