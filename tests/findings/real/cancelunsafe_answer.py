"""A connection whose answer was not waited for goes back into the pool."""
# clock: real

import asyncio
from contextlib import asynccontextmanager


class MiniRedis(asyncio.Protocol):
    def connection_made(self, transport):
        self.transport = transport

    def data_received(self, data):
        for line in data.splitlines():
            delay = 0.12 if b"big" in line else 0.002
            asyncio.get_running_loop().call_later(delay, self.transport.write, b"value-of-" + line[4:] + b"\n")


class Connection:
    def __init__(self, reader, writer):
        self.reader, self.writer = reader, writer

    async def command(self, text):
        self.writer.write(text.encode() + b"\n")
        await self.writer.drain()
        return (await self.reader.readline()).decode().strip()  # WRONG: cancelunsafe


class Pool:
    def __init__(self):
        self.free = asyncio.LifoQueue()

    async def open(self, address, size):
        for streams in await asyncio.gather(*(asyncio.open_connection(*address) for _ in range(size))):
            self.free.put_nowait(Connection(*streams))

    @asynccontextmanager
    async def connection(self):
        conn = await self.free.get()
        try:
            yield conn
        finally:
            self.free.put_nowait(conn)  # WRONG: cancelunsafe

    async def close(self):
        while not self.free.empty():
            writer = self.free.get_nowait().writer
            writer.close()
            await writer.wait_closed()


async def get(pool, key, wrong):
    async with pool.connection() as conn:
        value = await conn.command(f"GET {key}")
    if value != f"value-of-{key}":
        wrong.append((key, value))
    return value


async def page(pool, user, wrong):
    try:
        key = f"big{user}" if user % 5 == 2 else f"user{user}"
        await asyncio.wait_for(get(pool, key, wrong), 0.05)  # WRONG: cancelunsafe
    except asyncio.TimeoutError:
        pass
    await asyncio.sleep(0.05)
    await asyncio.gather(get(pool, f"cart{user}", wrong), get(pool, f"mail{user}", wrong))


async def browse(pool, users, wrong):
    for user in users:
        await page(pool, user, wrong)


async def main():
    server = await asyncio.get_running_loop().create_server(MiniRedis, "127.0.0.1", 0)
    pool, wrong = Pool(), []
    await pool.open(server.sockets[0].getsockname(), 2)
    await asyncio.gather(*(browse(pool, users, wrong) for users in (range(0, 8, 2), range(1, 9, 2))))
    await pool.close()
    server.close()
    print(f"{len(wrong)} wrong answers, first {wrong[:2]}")


asyncio.run(main())
