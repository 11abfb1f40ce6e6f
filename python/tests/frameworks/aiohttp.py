# packages: aiohttp
import asyncio, aiohttp
from aiohttp import web

async def hello(request):
    return web.Response(text="hello " + request.match_info["name"])

async def main():
    app = web.Application()
    app.router.add_get("/{name}", hello)
    runner = web.AppRunner(app)
    await runner.setup()
    await web.TCPSite(runner, "127.0.0.1", 0).start()
    port = runner.addresses[0][1]
    async with aiohttp.ClientSession() as session:
        async def get(number):
            async with session.get(f"http://127.0.0.1:{port}/{number}") as answer:
                return await answer.text()
        print(await asyncio.gather(*[get(number) for number in range(20)]))
    await runner.cleanup()

asyncio.run(main())
