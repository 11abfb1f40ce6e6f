"""Looks like `handleleak`: connections that are closed, with a history that keeps their objects."""
# clock: real
import asyncio


async def answer(reader, writer):
    await reader.readline()
    writer.write(b"well\n")
    await writer.drain()
    writer.close()


async def main():
    server = await asyncio.start_server(answer, "127.0.0.1", 0)
    host, port = server.sockets[0].getsockname()
    history = []
    for _ in range(60):
        reader, writer = await asyncio.open_connection(host, port)
        writer.write(b"how are you?\n")
        history.append((await reader.readline(), reader, writer))
        writer.close()
        await writer.wait_closed()
        await asyncio.sleep(0.005)
    print(len(history), "answers")
    server.close()


asyncio.run(main())
