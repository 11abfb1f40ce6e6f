"""Belief: I hold the lock, I may take it again.

The task waits for itself, so it can never release the lock. Where the caller holds the lock, do the
work without taking it again.
"""

import asyncio

from twin import run


class Account:
    def __init__(self):
        self.balance = 100
        self.lock = asyncio.Lock()


async def add(account, amount):
    async with account.lock:
        add_to(account, amount)


def add_to(account, amount):
    account.balance += amount


async def wrong():
    account = Account()
    async with account.lock:
        print("main holds the lock")
        await add(account, 10)  # waits for main itself
        print(f"balance: {account.balance}")


async def right():
    account = Account()
    async with account.lock:
        print("main holds the lock")
        add_to(account, 10)
        print(f"balance: {account.balance}")


VARIANTS = [wrong, right]
PARAMS = {}

if __name__ == "__main__":
    run(VARIANTS, PARAMS)
