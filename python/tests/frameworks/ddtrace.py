# packages: ddtrace aiohttp
import os

for name in ("DD_TRACE_ENABLED", "DD_INSTRUMENTATION_TELEMETRY_ENABLED"):
    os.environ[name] = "false"
os.environ["DD_REMOTE_CONFIGURATION_ENABLED"] = "false"

import ddtrace.auto  # noqa: E402, F401
import asyncio  # noqa: E402
import sys  # noqa: E402

import aiohttp  # noqa: E402
from aiohttp import web  # noqa: E402
from ddtrace.trace import tracer  # noqa: E402


async def hello(request):
    with tracer.trace("inside"):
        await asyncio.sleep(0.001)
    return web.Response(text="hello")


async def main():
    app = web.Application()
    app.router.add_get("/", hello)
    runner = web.AppRunner(app)
    await runner.setup()
    await web.TCPSite(runner, "127.0.0.1", 0).start()
    async with aiohttp.ClientSession() as session:
        for _ in range(3):
            async with session.get("http://127.0.0.1:%d/" % runner.addresses[0][1]) as answer:
                print(await answer.text())
    await runner.cleanup()
    print("ddtrace" in sys.modules)


asyncio.run(main())
