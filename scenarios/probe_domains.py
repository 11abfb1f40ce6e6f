"""Which Python keywords have a domain? Eighteen lookups over a simulated network.

One after the other they take the sum of their times, at once as long as the slowest. `as_completed`
yields each answer when it comes; a group returns all of them in order. Six threads do six at a time.
"""

import asyncio
import keyword
from concurrent.futures import ThreadPoolExecutor

from twin import block, latency, run

# The registered names.
FOUND = {"as.dev", "def.dev", "elif.dev", "in.dev", "is.dev", "try.dev", "with.dev"}


def domains():
    short = (word for word in ["None", "True", *keyword.kwlist] if len(word) <= 4)
    return [f"{word}.dev".lower() for word in dict.fromkeys(short)]


async def probe(domain):
    await asyncio.sleep(latency(domain))
    return domain, domain in FOUND


def report(domain, found):
    print(f"{'+' if found else ' '} {domain}")


def start_all():
    return [asyncio.create_task(probe(domain)) for domain in domains()]


async def sequential():
    for domain in domains():
        report(*await probe(domain))


async def as_completed():
    for answer in asyncio.as_completed(start_all()):
        report(*await answer)


# From Python 3.11 on: `async with asyncio.TaskGroup() as group`.
async def task_group():
    for answer in await asyncio.gather(*start_all()):
        report(*answer)


def probe_in_thread(domain):
    """A lookup that holds a thread until it has its answer."""
    block(latency(domain))
    return domain, domain in FOUND


async def six_threads():
    loop = asyncio.get_running_loop()
    with ThreadPoolExecutor(6) as threads:
        lookups = [loop.run_in_executor(threads, probe_in_thread, domain) for domain in domains()]
        for answer in asyncio.as_completed(lookups):
            report(*await answer)


VARIANTS = [sequential, as_completed, task_group, six_threads]
PARAMS = {}

if __name__ == "__main__":
    run(VARIANTS, PARAMS)
