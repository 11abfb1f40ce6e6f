"""A reader that closes its session at a message, and a close that waits for the reader to end."""
# clock: real

import asyncio


class Session:
    async def open(self, address):
        self.reader, self.writer = await asyncio.open_connection(*address)
        self.reading = asyncio.create_task(self.read())

    async def read(self):
        while line := await self.reader.readline():
            if line == b"bye\n":
                await asyncio.create_task(self.close())  # WRONG: joincycle

    async def close(self):
        await self.reading  # WRONG: joincycle
        self.writer.close()


async def serve(reader, writer):
    for message in (b"hello\n", b"bye\n"):
        writer.write(message)
        await asyncio.sleep(0.05)
    writer.close()


async def main():
    # The server listens on, so the loop could still be woken.
    server = await asyncio.start_server(serve, "127.0.0.1", 0)
    session = Session()
    await session.open(server.sockets[0].getsockname())
    await session.reading
    server.close()


asyncio.run(main())
