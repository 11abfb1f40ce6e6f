# packages: nest_asyncio
import asyncio, nest_asyncio

nest_asyncio.apply()

async def inner():
    await asyncio.sleep(0.01)
    return 4

async def main():
    print(asyncio.get_event_loop().run_until_complete(inner()))
    print(await inner())

asyncio.run(main())
