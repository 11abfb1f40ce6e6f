# packages: asyncpg
import asyncio
import struct

import asyncpg


def message(kind, payload=b""):
    return kind + struct.pack("!i", len(payload) + 4) + payload


READY = message(b"Z", b"I")
GREETING = (
    message(b"R", struct.pack("!i", 0))
    + message(b"S", b"server_version\0" + b"15.0\0")
    + message(b"S", b"client_encoding\0UTF8\0")
    + message(b"S", b"standard_conforming_strings\0on\0")
    + message(b"K", struct.pack("!ii", 1, 2))
    + READY
)
# One column of the type int4.
ROW = struct.pack("!h", 1) + b"answer\0" + struct.pack("!ihihih", 0, 0, 23, 4, -1, 0)
ANSWERS = {
    b"Q": message(b"C", b"SELECT 1\0") + READY,
    b"P": message(b"1"),
    b"D": message(b"t", struct.pack("!h", 0)) + message(b"T", ROW),
    b"B": message(b"2"),
    b"E": message(b"D", struct.pack("!hii", 1, 4, 42)) + message(b"C", b"SELECT 1\0"),
    b"C": message(b"3"),
    b"S": READY,
}


async def serve(reader, writer):
    """The few messages of the protocol that the client sends."""
    length = struct.unpack("!i", await reader.readexactly(4))[0]
    await reader.readexactly(length - 4)
    writer.write(GREETING)
    while True:
        kind = await reader.readexactly(1)
        length = struct.unpack("!i", await reader.readexactly(4))[0]
        await reader.readexactly(length - 4)
        if kind == b"X":
            break
        writer.write(ANSWERS.get(kind, b""))
        await writer.drain()
    writer.close()


async def main():
    server = await asyncio.start_server(serve, "127.0.0.1", 0)
    port = server.sockets[0].getsockname()[1]
    connection = await asyncpg.connect(
        host="127.0.0.1", port=port, user="me", database="it", password="", ssl=False
    )
    print(await connection.execute("create table it"))
    print(await connection.fetchval("select 42"), await connection.fetchval("select 42"))
    await connection.close()
    server.close()


asyncio.run(main())
