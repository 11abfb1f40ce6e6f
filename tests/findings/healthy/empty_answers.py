"""A client that polls: no message is an answer, with a pause that does not grow (retrystorm)."""

import asyncio


class Empty(Exception):
    pass


class Mailbox:
    def __init__(self):
        self.asked = 0

    async def receive(self):
        self.asked += 1
        await asyncio.sleep(0.005)
        if self.asked % 15:
            raise Empty
        return self.asked


async def main():
    mailbox, messages = Mailbox(), []
    while len(messages) < 3:
        try:
            messages.append(await mailbox.receive())
        except Empty:
            await asyncio.sleep(0.05)
    print(messages)


asyncio.run(main())
