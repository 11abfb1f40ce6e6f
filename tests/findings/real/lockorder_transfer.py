"""A transfer locks two accounts in the order of its arguments."""

import asyncio
import random


class Account:
    def __init__(self, name, balance):
        self.name, self.balance = name, balance
        self.lock = asyncio.Lock()


class Bank:
    def __init__(self):
        self.accounts = {n: Account(n, 100) for n in "abc"}

    async def audit(self, account):
        await asyncio.sleep(0.01)

    async def transfer(self, source, target, amount):
        src, dst = self.accounts[source], self.accounts[target]
        async with src.lock:
            await self.audit(src)
            async with dst.lock:  # WRONG: lockorder
                src.balance -= amount
                dst.balance += amount


async def main():
    bank = Bank()
    try:
        await asyncio.wait_for(
            asyncio.gather(
                bank.transfer("a", "b", 10),
                bank.transfer("b", "a", 5),
                bank.transfer("c", "a", 1),
            ),
            1,
        )
    except asyncio.TimeoutError:
        print("transfer timed out")
    print({a.name: a.balance for a in bank.accounts.values()})


asyncio.run(main())
