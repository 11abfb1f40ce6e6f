"""Belief: one thread, so no races.

On one thread no other task runs between two awaits, but anything can change across an `await`. All
three read 100 before any of them writes 110. A lock that is held across the await keeps others out.
"""

import asyncio

from twin import run


class Account:
    def __init__(self):
        self.balance = 100
        self.lock = asyncio.Lock()


async def network():
    await asyncio.sleep(0.1)


async def deposit(account):
    read = account.balance
    await network()  # meanwhile the other two read the same value
    account.balance = read + 10


async def deposit_locked(account):
    async with account.lock:
        await deposit(account)


async def wrong():
    account = Account()
    await asyncio.gather(*(deposit(account) for _ in range(3)))
    print(f"balance: {account.balance}")


async def right():
    account = Account()
    await asyncio.gather(*(deposit_locked(account) for _ in range(3)))
    print(f"balance: {account.balance}")


VARIANTS = [wrong, right]
PARAMS = {}

if __name__ == "__main__":
    run(VARIANTS, PARAMS)
