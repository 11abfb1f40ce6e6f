"""A server without tasks checks a password while the lines of other connections wait to be read."""
# clock: real

import asyncio
import time


class Users:
    def verify(self, name):
        time.sleep(0.25)  # WRONG: blocking
        return name != "eve"


class Gateway(asyncio.Protocol):
    def __init__(self, users):
        self.users = users

    def connection_made(self, transport):
        self.transport = transport

    def data_received(self, data):
        command, _, rest = data.decode().strip().partition(" ")
        if command == "LOGIN":
            self.answer("welcome" if self.users.verify(rest) else "denied")
        else:
            self.answer(rest)

    def answer(self, text):
        self.transport.write(text.encode() + b"\n")


async def client(port, start, line):
    reader, writer = await asyncio.open_connection("127.0.0.1", port)
    await start.wait()
    writer.write(line.encode() + b"\n")
    answer = await reader.readline()
    writer.close()
    await writer.wait_closed()
    return answer.decode().strip()


async def main():
    users = Users()
    server = await asyncio.get_running_loop().create_server(lambda: Gateway(users), "127.0.0.1", 0)
    port, start = server.sockets[0].getsockname()[1], asyncio.Event()
    lines = "LOGIN ann", "ECHO one", "ECHO two", "ECHO three"
    clients = [asyncio.create_task(client(port, start, line)) for line in lines]
    await asyncio.sleep(0.1)
    start.set()
    print(await asyncio.gather(*clients))
    server.close()
    await server.wait_closed()


asyncio.run(main())
