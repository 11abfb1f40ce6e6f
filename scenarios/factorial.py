"""Three tasks that count, with a sleep of a second before each step.

One after the other, one task waits at a time. With `gather` all three sleep together. Even then
only one of them runs at a time.
"""

import asyncio

from twin import count, run


async def factorial(name, number):
    product = 1
    for factor in range(2, number + 1):
        print(f"Task {name}: Compute factorial({factor})...")
        await asyncio.sleep(1)
        product *= factor
    print(f"Task {name}: factorial({number}) = {product}")
    return product


async def sequential(a, b, c):
    await factorial("A", a)
    await factorial("B", b)
    await factorial("C", c)


async def concurrent(a, b, c):
    await asyncio.gather(factorial("A", a), factorial("B", b), factorial("C", c))


VARIANTS = [sequential, concurrent]
PARAMS = {"a": count(2, 0, 20), "b": count(3, 0, 20), "c": count(4, 0, 20)}

if __name__ == "__main__":
    run(VARIANTS, PARAMS)
