# packages: httpx
import asyncio

import httpx


async def serve(reader, writer):
    while (head := await reader.readuntil(b"\r\n\r\n")) and b"GET" in head:
        path = head.split()[1]
        answer = b"HTTP/1.1 200 OK\r\nContent-Length: %d\r\n\r\n%s" % (len(path), path)
        writer.write(answer)
        await writer.drain()
        if path == b"/last":
            break
    writer.close()


async def main():
    server = await asyncio.start_server(serve, "127.0.0.1", 0)
    url = "http://127.0.0.1:%d" % server.sockets[0].getsockname()[1]
    async with httpx.AsyncClient(base_url=url) as client:
        for number in range(3):
            print((await client.get(f"/{number}")).text)
        async with client.stream("GET", "/streamed") as answer:
            print([part async for part in answer.aiter_bytes()])
        try:
            await client.get("http://127.0.0.1:1/", timeout=1)
        except httpx.ConnectError as error:
            print(type(error).__name__)
        print((await client.get("/last")).text)
    server.close()
    await server.wait_closed()


asyncio.run(main())
