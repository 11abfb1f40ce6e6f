"""Executors of threads and processes, their failures, and more calls than threads."""
import asyncio
import concurrent.futures
import functools
import math


def fail(text):
    raise ArithmeticError(text)


async def main():
    loop = asyncio.get_running_loop()
    with concurrent.futures.ThreadPoolExecutor(2) as pool:
        calls = [loop.run_in_executor(pool, math.sqrt, number) for number in range(6)]
        print(await asyncio.gather(*calls))
        try:
            await loop.run_in_executor(pool, functools.partial(fail, "in a thread"))
        except ArithmeticError as error:
            print(repr(error))
    with concurrent.futures.ProcessPoolExecutor(1) as pool:
        print(await loop.run_in_executor(pool, math.factorial, 10))


if __name__ == "__main__":
    asyncio.run(main())
