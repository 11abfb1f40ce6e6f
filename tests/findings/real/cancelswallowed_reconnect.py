"""A reconnect that takes a cancellation for the failure of one server, and goes on to the next."""

import asyncio


class Client:
    def __init__(self, servers):
        self.servers = servers
        self.tried = []

    async def establish(self, server):
        self.tried.append(server)
        await asyncio.sleep(0.4)
        raise asyncio.TimeoutError

    async def reconnect(self):
        for server in self.servers:
            try:
                await asyncio.wait_for(self.establish(server), 0.5)  # WRONG: cancelswallowed
            except (asyncio.CancelledError, asyncio.TimeoutError):
                continue


async def main():
    client = Client("abcdef")
    task = asyncio.create_task(client.reconnect())
    await asyncio.sleep(0.1)
    task.cancel()
    await asyncio.wait([task])
    print(client.tried)


asyncio.run(main())
