"""Three concurrent jobs of 3, 1 and 2 seconds. The results are in the order of the jobs.

If B fails, `gather` raises its error at once and lets the other jobs run.
"""

import asyncio

from twin import run


async def job(name, seconds):
    print(f"start {name}")
    await asyncio.sleep(seconds)
    print(f"end {name}")
    return name


async def order():
    print(await asyncio.gather(job("A", 3), job("B", 1), job("C", 2)))


async def risky_job(name, seconds):
    """As `job`, but B fails after a second."""
    if name == "B":
        await asyncio.sleep(seconds)
        raise ValueError(name)
    return await job(name, seconds)


async def error():
    try:
        await asyncio.gather(risky_job("A", 3), risky_job("B", 1), risky_job("C", 2))
    except ValueError as error:
        print(f"gather raised {error!r}")
    await asyncio.sleep(3)  # A and C are still running
    print("end of main")


# With `return_exceptions`, an error is a result like the others.
async def return_exceptions():
    jobs = risky_job("A", 3), risky_job("B", 1), risky_job("C", 2)
    print(await asyncio.gather(*jobs, return_exceptions=True))


VARIANTS = [order, error, return_exceptions]
PARAMS = {}

if __name__ == "__main__":
    run(VARIANTS, PARAMS)
