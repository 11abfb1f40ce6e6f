"""Looks like race: the value is read again after the await."""

import asyncio

stock = {"tea": 5}


async def pay():
    await asyncio.sleep(0.01)
    return True


async def buy():
    if stock["tea"] <= 0:
        return False
    await pay()
    if stock["tea"] > 0:
        stock["tea"] = stock["tea"] - 1
        return True
    return False


async def main():
    print(sum(await asyncio.gather(*(buy() for _ in range(9)))), stock)


asyncio.run(main())
