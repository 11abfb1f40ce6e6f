"""Each task and callback has its own context."""
import asyncio
import contextvars

user = contextvars.ContextVar("user", default="unset")


async def work(name):
    user.set(name)
    await asyncio.sleep(0.001)
    return user.get()


async def main():
    user.set("main")
    print(await asyncio.gather(work("a"), work("b")), user.get())
    loop = asyncio.get_running_loop()
    context = contextvars.copy_context()
    context.run(user.set, "callback")
    called = loop.create_future()
    loop.call_soon(lambda: called.set_result(user.get()), context=context)
    print(await called, sorted(var.name for var in contextvars.copy_context()))
    print(await asyncio.to_thread(user.get))


asyncio.run(main())
