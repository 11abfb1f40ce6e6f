"""HTTP is lines of text: send HEAD, then read lines until an empty one.

The local variant has a server in the same loop; the url variant asks another server:
`--set url=http://host/path`.
"""

import asyncio
from urllib.parse import urlsplit

from twin import run, text

HEAD = "HTTP/1.0 200 OK\r\nServer: loopscope\r\nContent-Type: text/plain\r\nContent-Length: 6\r\n\r\n"


async def print_headers(url):
    parts = urlsplit(url)
    if parts.scheme != "http" or not parts.hostname:
        raise ValueError(f"{url!r} is no URL: try http://example.com/")
    reader, writer = await asyncio.open_connection(parts.hostname, parts.port or 80)
    writer.write(f"HEAD {parts.path or '/'} HTTP/1.0\r\nHost: {parts.netloc}\r\n\r\n".encode())
    while line := (await reader.readline()).decode("latin1").rstrip():
        print(f"HTTP header> {line}")
    writer.close()


async def answer(reader, writer):
    """The server's side of a connection: reads the request to its empty line, and answers."""
    while (await reader.readline()).rstrip():
        pass
    writer.write(HEAD.encode())
    await writer.drain()
    writer.close()


async def local():
    server = await asyncio.start_server(answer, "127.0.0.1", 0)
    host, port = server.sockets[0].getsockname()
    await print_headers(f"http://{host}:{port}/")
    server.close()


async def url(url):
    if url:
        await print_headers(url)
    else:
        await local()


VARIANTS = [local, url]
PARAMS = {"url": text("")}

if __name__ == "__main__":
    run(VARIANTS, PARAMS)
