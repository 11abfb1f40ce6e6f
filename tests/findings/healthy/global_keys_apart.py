"""Looks like race: tasks read and write one dictionary, each its own key."""

import asyncio

balances = {n: 10 for n in range(6)}


async def check(n):
    await asyncio.sleep(0.005)
    return True


async def withdraw(n):
    left = balances[n]
    if left > 0 and await check(n):
        balances[n] = left - 1


async def main():
    for _ in range(3):
        await asyncio.gather(*(withdraw(n) for n in balances))
    print(balances)


asyncio.run(main())
