# packages: redis
import asyncio

import redis.asyncio

values = {}


async def serve(reader, writer):
    """The few commands of the protocol that the client sends."""
    while line := await reader.readline():
        command = []
        for _ in range(int(line[1:])):
            length = int((await reader.readline())[1:])
            command.append((await reader.readexactly(length + 2))[:-2])
        name, arguments = command[0].upper(), command[1:]
        if name == b"SET":
            values[arguments[0]] = arguments[1]
            writer.write(b"+OK\r\n")
        elif name == b"GET":
            value = values.get(arguments[0])
            writer.write(b"$-1\r\n" if value is None else b"$%d\r\n%s\r\n" % (len(value), value))
        elif name == b"INCRBY":
            values[arguments[0]] = b"%d" % (int(values.get(arguments[0], 0)) + int(arguments[1]))
            writer.write(b":%s\r\n" % values[arguments[0]])
        else:
            writer.write(b"+OK\r\n")
        await writer.drain()
    writer.close()


async def main():
    server = await asyncio.start_server(serve, "127.0.0.1", 0)
    port = server.sockets[0].getsockname()[1]
    client = redis.asyncio.Redis(host="127.0.0.1", port=port, protocol=2)
    print(await client.set("name", "value"), await client.get("name"), await client.get("none"))
    print(sorted(await asyncio.gather(*[client.incr("count") for _ in range(5)])))
    async with client.pipeline(transaction=False) as pipeline:
        print(await pipeline.set("a", 1).get("a").execute())
    await client.aclose()
    server.close()


asyncio.run(main())
