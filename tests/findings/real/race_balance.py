"""A balance is read, logged and written."""

import asyncio


class Wallet:
    def __init__(self):
        self.balance = 100

    async def log(self, text):
        await asyncio.sleep(0.005)

    async def withdraw(self, amount):
        balance = self.balance
        if balance < amount:
            raise ValueError("not enough")
        await self.log(f"withdraw {amount}")  # WRONG: race
        self.balance = balance - amount  # WRONG: race


async def main():
    wallet = Wallet()
    await asyncio.gather(*(wallet.withdraw(10) for _ in range(5)))
    print("balance", wallet.balance, "expected 50")


asyncio.run(main())
