"""A limit around the read of a whole frame: the header is lost if the body is late."""
# clock: real
import asyncio
import struct


class Frames:
    def __init__(self, reader):
        self.reader = reader

    async def next(self):
        header = await self.reader.readexactly(4)
        (length,) = struct.unpack("!I", header)
        return await self.reader.readexactly(min(length, 64))  # WRONG: cancelunsafe


async def send(reader, writer):
    for number in range(4):
        body = b"abcd" * (number + 1)
        writer.write(struct.pack("!I", len(body)))
        await writer.drain()
        await asyncio.sleep(0.3 if number == 2 else 0.005)
        writer.write(body)
        await writer.drain()
    writer.close()


async def main():
    server = await asyncio.start_server(send, "127.0.0.1", 0)
    reader, writer = await asyncio.open_connection("127.0.0.1", server.sockets[0].getsockname()[1])
    frames, received, pings = Frames(reader), 0, 0
    while pings < 6:
        try:
            async with asyncio.timeout(0.08):
                await frames.next()  # WRONG: cancelunsafe
            received += 1
        except asyncio.TimeoutError:
            pings += 1
        except asyncio.IncompleteReadError:
            break
    writer.close()
    server.close()
    print(received, "frames")


asyncio.run(main())
