"""A server that cancels its sessions, which say goodbye before they end."""
# clock: real

import asyncio, contextlib

class Server:
    def __init__(self):
        self.sessions = set()
    async def session(self, reader, writer):
        task = asyncio.current_task()
        self.sessions.add(task)
        try:
            while line := await reader.readline():
                await asyncio.sleep(0.002)
                writer.write(line.upper())
                await writer.drain()
        except asyncio.CancelledError:
            writer.write(b"bye\n")
            with contextlib.suppress(Exception):
                await asyncio.wait_for(writer.drain(), 0.1)
            raise
        finally:
            self.sessions.discard(task)
            writer.close()
    async def stop(self, server):
        server.close()
        for task in list(self.sessions):
            task.cancel()
        await asyncio.gather(*self.sessions, return_exceptions=True)

async def client(port, n):
    reader, writer = await asyncio.open_connection("127.0.0.1", port)
    for k in range(5):
        writer.write(f"{n}-{k}\n".encode())
        await writer.drain()
        await reader.readline()
        await asyncio.sleep(0.01)
    if n % 2:
        await reader.read()
    writer.close()
    with contextlib.suppress(ConnectionError):
        await writer.wait_closed()

async def main():
    app = Server()
    server = await asyncio.start_server(app.session, "127.0.0.1", 0)
    port = server.sockets[0].getsockname()[1]
    clients = [asyncio.create_task(client(port, n)) for n in range(6)]
    await asyncio.sleep(0.3)
    await app.stop(server)
    await asyncio.gather(*clients)
    print("stopped")

asyncio.run(main())
