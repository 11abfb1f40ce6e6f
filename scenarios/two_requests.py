"""Two requests: connect, send, wait for the answer. Almost no time is spent running.

One after the other the waits add up; at once they take as long as the longer one. The net variant
has a real server on the loopback address, in the same loop.
"""

import asyncio

from twin import run

# How long the server takes to answer each request.
THINKING = {1: 1.0, 2: 0.5}


async def request(number):
    await asyncio.sleep(0.1)  # connecting
    await asyncio.sleep(0.05)  # sending
    await asyncio.sleep(THINKING[number])
    return f"response {number}"


def report(one, two):
    """Prints both, and the two numbers one after the other."""
    print(f"Response one: {one}")
    print(f"Response two: {two}")
    print(f"return_val = {''.join(c for c in one + two if c.isdigit())}")


async def sequential():
    one = await request(1)
    two = await request(2)
    report(one, two)


async def gather():
    report(*await asyncio.gather(request(1), request(2)))


async def answer(reader, writer):
    """The server's side of a connection: a digit comes in, and after a while the answer goes out."""
    number = int(await reader.readexactly(1))
    await asyncio.sleep(THINKING[number])
    writer.write(f"response {number}".encode())
    writer.close()


async def request_over_net(number, address):
    reader, writer = await asyncio.open_connection(*address)
    writer.write(str(number).encode())
    response = await reader.read()
    writer.close()
    return response.decode()


async def net():
    server = await asyncio.start_server(answer, "127.0.0.1", 0)
    address = server.sockets[0].getsockname()
    report(*await asyncio.gather(request_over_net(1, address), request_over_net(2, address)))
    server.close()


VARIANTS = [sequential, gather, net]
PARAMS = {}

if __name__ == "__main__":
    run(VARIANTS, PARAMS)
