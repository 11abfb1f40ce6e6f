"""Something slow, and a spinner beside it that shows that the program is alive.

Cancelling the spinner only requests it: the spinner runs once more to handle it. Main waits for that
and prints the answer.
"""

import asyncio
import itertools

from twin import run


async def spin(text):
    for stroke in itertools.cycle("|/-\\"):
        print(f"{stroke} {text}")
        await asyncio.sleep(0.4)


async def slow_function():
    await asyncio.sleep(3)
    return 42


async def main():
    spinner = asyncio.create_task(spin("thinking!"))
    answer = await slow_function()
    spinner.cancel()
    await asyncio.wait([spinner])
    print(f"Answer: {answer}")


VARIANTS = [main]
PARAMS = {}

if __name__ == "__main__":
    run(VARIANTS, PARAMS)
