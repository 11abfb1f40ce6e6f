"""A session whose call closes it after a timeout, although it still has the lock of the session."""
# clock: real
import asyncio


class Session:
    def __init__(self, reader, writer):
        self.reader, self.writer = reader, writer
        self.turn = asyncio.Lock()

    async def call(self, words):
        async with self.turn:  # WRONG: selfdeadlock
            self.writer.write(words + b"\n")
            try:
                return await asyncio.wait_for(self.reader.readline(), 0.1)
            except asyncio.TimeoutError:
                await self.close()
                raise

    async def close(self):
        await self.call(b"bye")
        self.writer.close()


async def answer(reader, writer):
    while line := await reader.readline():
        if line != b"slow\n":
            writer.write(b"done " + line)


async def main():
    server = await asyncio.start_server(answer, "127.0.0.1", 0)
    session = Session(*await asyncio.open_connection(*server.sockets[0].getsockname()))
    print(await session.call(b"quick"))
    try:
        await session.call(b"slow")
    except asyncio.TimeoutError:
        print("too slow")
    server.close()


asyncio.run(main())
