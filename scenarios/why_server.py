"""A server that doubts everything, and three clients, one after the other.

It listens on ::1, or on 127.0.0.1 where there is no IPv6. With `--listen 127.0.0.1:8888` it serves
outside clients: `nc localhost 8888`.
"""

import asyncio

from twin import address, run

MESSAGES = ["Hello!", "It is me.", "Goodbye!"]


async def doubt(reader, writer):
    message = (await reader.read(1024)).decode(errors="replace")
    writer.write(f"Why '{message.rstrip()}'?".encode())
    await writer.drain()
    writer.close()


async def serve(listen):
    if listen:
        return await asyncio.start_server(doubt, *address(listen))
    try:
        return await asyncio.start_server(doubt, "::1", 0)
    except OSError:
        return await asyncio.start_server(doubt, "127.0.0.1", 0)


async def ask(message, where):
    reader, writer = await asyncio.open_connection(*where)
    writer.write(message.encode())
    answer = await reader.read()
    writer.close()
    return answer.decode()


async def three_messages(listen):
    server = await serve(listen)
    where = server.sockets[0].getsockname()[:2]
    if listen:
        print(f"listening on {listen}")
        await server.serve_forever()  # until it is stopped
    for message in MESSAGES:
        print(f"sending: {message}")
        print(f"answer: {await ask(message, where)}")
    server.close()


VARIANTS = [three_messages]
PARAMS = {}

if __name__ == "__main__":
    run(VARIANTS, PARAMS)
