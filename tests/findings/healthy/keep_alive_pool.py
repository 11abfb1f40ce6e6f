"""Looks like `handleleak` and `halfopen`: a pool that keeps four idle connections."""

import asyncio


async def serve(reader, writer):
    while line := await reader.readline():
        writer.write(line)
        await writer.drain()
    writer.close()


class Pool:
    def __init__(self, port, limit):
        self.port, self.free, self.slots = port, [], asyncio.Semaphore(limit)

    async def ask(self, line):
        async with self.slots:
            if self.free:
                reader, writer = self.free.pop()
            else:
                reader, writer = await asyncio.open_connection("127.0.0.1", self.port)
            writer.write(line)
            answer = await reader.readline()
            self.free.append((reader, writer))
            return answer

    async def close(self):
        for _, writer in self.free:
            writer.close()
            await writer.wait_closed()


async def main():
    server = await asyncio.start_server(serve, "127.0.0.1", 0)
    pool = Pool(server.sockets[0].getsockname()[1], 4)
    for _ in range(5):
        await asyncio.gather(*(pool.ask(b"hello\n") for _ in range(20)))
        await asyncio.sleep(0.02)
    await pool.close()
    server.close()


asyncio.run(main())
