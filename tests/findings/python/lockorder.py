"""Two accounts, locked in the order of each transfer."""

import asyncio
import sys


class Account:
    def __init__(self, number):
        self.number, self.balance, self.lock = number, 100, asyncio.Lock()


async def transfer(source, target, amount):
    async with source.lock:
        await asyncio.sleep(0.01)
        async with target.lock:  # WRONG: lockorder
            source.balance -= amount
            target.balance += amount


async def ordered(source, target, amount):
    first, second = sorted((source, target), key=lambda account: account.number)
    async with first.lock:
        await asyncio.sleep(0.01)
        async with second.lock:
            source.balance -= amount
            target.balance += amount


async def wrong():
    a, b = Account(1), Account(2)
    await asyncio.gather(transfer(a, b, 10), transfer(b, a, 20))


async def right():
    a, b = Account(1), Account(2)
    await asyncio.gather(ordered(a, b, 10), ordered(b, a, 20))


asyncio.run({"wrong": wrong, "right": right}[sys.argv[1]]())
