"""A connection that is used again after a reply was given up: the next caller gets that reply."""
# clock: real
import asyncio


class Store:
    def __init__(self, reader, writer):
        self.reader, self.writer = reader, writer
        self.turn = asyncio.Lock()

    async def get(self, key):
        async with self.turn:
            self.writer.write(key.encode() + b"\n")
            return (await self.reader.readline()).decode().strip()  # WRONG: cancelunsafe


async def serve(reader, writer):
    while line := await reader.readline():
        await asyncio.sleep(0.2 if line == b"large\n" else 0)
        writer.write(b"value of " + line)


async def main():
    server = await asyncio.start_server(serve, "127.0.0.1", 0)
    store = Store(*await asyncio.open_connection(*server.sockets[0].getsockname()))
    try:
        await asyncio.wait_for(store.get("large"), 0.05)
    except asyncio.TimeoutError:
        print("large: too slow")
    for key in ("first", "second"):
        print(key + ":", await store.get(key))
    store.writer.close()
    server.close()


asyncio.run(main())
