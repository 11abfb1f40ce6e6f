"""A failing callback goes to the loop's exception handler, with its context."""
import asyncio


def handler(loop, context):
    print(sorted(context), context["message"].split("(")[0], repr(context["exception"]))


async def main():
    loop = asyncio.get_running_loop()
    loop.set_exception_handler(handler)
    loop.call_soon(lambda: 1 / 0)
    loop.call_later(0.001, [].pop)
    await asyncio.sleep(0.02)
    loop.set_exception_handler(None)
    loop.call_soon(int, "no number")
    await asyncio.sleep(0)


asyncio.run(main())
