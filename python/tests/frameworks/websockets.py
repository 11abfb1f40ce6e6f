# packages: websockets
import asyncio, websockets

async def echo(socket):
    async for message in socket:
        await socket.send(message + "!")

async def main():
    async with websockets.serve(echo, "127.0.0.1", 0) as server:
        port = server.sockets[0].getsockname()[1]
        async with websockets.connect(f"ws://127.0.0.1:{port}") as client:
            for number in range(3):
                await client.send(str(number))
                print(await client.recv())

asyncio.run(main())
