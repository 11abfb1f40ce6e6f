"""A decorator that retries takes the cancellation for a failure."""

import asyncio
import functools


def retry(times, pause):
    def decorate(func):
        @functools.wraps(func)
        async def call(*args):
            for attempt in range(times):
                try:
                    return await func(*args)
                except BaseException as error:  # WRONG: cancelswallowed
                    print(f"{func.__name__} failed ({type(error).__name__}), attempt {attempt + 1}")
                    await asyncio.sleep(pause * (attempt + 1))  # WRONG: cancelswallowed
            raise ConnectionError("gave up")
        return call
    return decorate


class BotApi:
    def __init__(self):
        self.updates = asyncio.Queue()
        self.calls = 0

    @retry(3, 0.1)
    async def get_updates(self):
        self.calls += 1
        if self.calls == 2:
            raise ConnectionError("502")
        return await self.updates.get()  # WRONG: cancelswallowed


class Application:
    def __init__(self, api):
        self.api = api
        self.handled = []

    async def poll(self):
        while (update := await self.api.get_updates()) != "bye":
            self.handled.append(update)

    async def stop(self, task):
        task.cancel()
        _, pending = await asyncio.wait({task}, timeout=0.5)
        return "late" if pending else "in time"


async def chat(queue, words):
    for word in words:
        await asyncio.sleep(0.06)
        queue.put_nowait(word)


async def main():
    api = BotApi()
    app = Application(api)
    task = asyncio.create_task(app.poll())
    await chat(api.updates, ["hi", "weather", "thanks"])
    await asyncio.sleep(0.3)
    verdict = await app.stop(task)
    print("stopped", verdict, app.handled)
    await chat(api.updates, ["anyone?", "hello?", "bye"])
    await asyncio.wait({task})
    print("handled after stop:", app.handled[3:])


asyncio.run(main())
