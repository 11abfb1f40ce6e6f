"""A real TCP server that sends every line back, and its clients, all in one loop. Client 1 is slow.

The sequential server finishes one client before it accepts the next. `start_server` makes a task
per connection. A protocol needs no task: the loop calls its methods when something happens on the
socket.

With `--listen 127.0.0.1:8888 --set clients=0` it serves outside clients: `nc localhost 8888`.
"""

import asyncio
import socket

from twin import address, count, run


async def echo(reader, writer):
    while data := await reader.read(1024):
        writer.write(data)
        await writer.drain()
    writer.close()
    await writer.wait_closed()


async def refused(error):
    """Says why no client was accepted, and waits. `start_server` does the same by itself."""
    print(f"server: cannot accept: {error}")
    await asyncio.sleep(1)


async def serve_one_by_one(listener):
    loop = asyncio.get_running_loop()
    while True:
        try:
            connection, _ = await loop.sock_accept(listener)
        except OSError as error:
            await refused(error)
        else:
            await echo(*await asyncio.open_connection(sock=connection))


async def serve_all(listener):
    server = await asyncio.start_server(echo, sock=listener)
    async with server:
        await server.serve_forever()


class Echo(asyncio.Protocol):
    """What can happen to a connection, in the style of callbacks."""

    made = 0

    def connection_made(self, transport):
        Echo.made += 1
        self.id, self.transport = Echo.made, transport
        print(f"server: connection {self.id} made")

    def data_received(self, data):
        self.transport.write(data)

    def pause_writing(self):
        """A client that does not read its answers is not read from either."""
        self.transport.pause_reading()

    def resume_writing(self):
        self.transport.resume_reading()

    def connection_lost(self, error):
        print(f"server: connection {self.id} lost")


async def serve_protocol(listener):
    Echo.made = 0
    server = await asyncio.get_running_loop().create_server(Echo, sock=listener)
    async with server:
        await server.serve_forever()


async def client(id, messages, where):
    """A built-in client. The first one takes two seconds between its lines."""
    reader, writer = await asyncio.open_connection(*where)
    for number in range(1, messages + 1):
        if id == 1 and number > 1:
            await asyncio.sleep(2)
        writer.write(f"message {number} of client {id}\n".encode())
        await writer.drain()
        answer = await reader.readline()
        print(f"client {id}: {answer.decode().rstrip()}")
    writer.close()
    await writer.wait_closed()


async def serve(how, clients, messages, listen):
    listener = socket.create_server(address(listen or "127.0.0.1:0"))
    listener.setblocking(False)
    if listen:
        print(f"listening on {listen}")
    server = asyncio.create_task(how(listener))
    await asyncio.gather(*(client(id, messages, listener.getsockname()) for id in range(1, clients + 1)))
    if listen:
        await server  # until it is stopped
    server.cancel()
    await asyncio.wait([server])
    listener.close()


async def sequential(clients, messages, listen):
    await serve(serve_one_by_one, clients, messages, listen)


async def concurrent(clients, messages, listen):
    await serve(serve_all, clients, messages, listen)


async def protocol(clients, messages, listen):
    await serve(serve_protocol, clients, messages, listen)


VARIANTS = [sequential, concurrent, protocol]
PARAMS = {"clients": count(3, 0, 1000), "messages": count(2, 0, 1000)}

if __name__ == "__main__":
    run(VARIANTS, PARAMS)
