"""Finds Unicode characters by the words of their names.

Searching more than a hundred thousand names is CPU work, not waiting, so a thread does it, and the
loop serves other clients meanwhile. The prompt variant talks in lines: `--listen 127.0.0.1:2323`,
then `nc localhost 2323`; the http variant talks to browsers: `--listen 127.0.0.1:8000`.
"""

import asyncio
import json
import sys
import unicodedata
from urllib.parse import parse_qs, urlsplit

from twin import address, run

QUERIES = ["registered", "snowman"]

FORM = """<!DOCTYPE html>
<html lang="en">
<title>Character finder</title>
<form action="/search"><input name="q" placeholder="words of the name" autofocus> <button>Find</button></form>
</html>
"""


def find(query):
    """All characters whose names have all of these words."""
    words = set(query.upper().split())
    named = ((char, unicodedata.name(char, "")) for char in map(chr, range(32, sys.maxunicode + 1)))
    return [(char, name) for char, name in named if words and words <= set(name.replace("-", " ").split())]


def answer(query):
    found = find(query)
    lines = [f"U+{ord(char):04X}\t{char}\t{name}\n" for char, name in found]
    return "".join(lines) + "─" * 66 + f"\n{len(found)} found\n"


async def prompt_client(reader, writer):
    """The server's side of a connection that talks lines."""
    while True:
        writer.write(b"?> ")
        await writer.drain()
        line = await reader.readline()
        query = line.decode(errors="replace").rstrip()
        if not line or any(unicodedata.category(char) == "Cc" for char in query):
            break
        if query:
            writer.write((await asyncio.to_thread(answer, query)).encode())
    writer.close()


async def respond(path):
    parts = urlsplit(path)
    if parts.path == "/":
        return "200 OK", "text/html; charset=utf-8", FORM
    if parts.path == "/search":
        query = parse_qs(parts.query).get("q", [""])[0]
        found = await asyncio.to_thread(find, query)
        objects = [{"char": char, "name": name} for char, name in found]
        return "200 OK", "application/json", json.dumps(objects, ensure_ascii=False, separators=(",", ":"))
    return "404 Not Found", "text/plain", "there is / and /search?q=words\n"


async def http_client(reader, writer):
    """The server's side of a connection that talks HTTP."""
    request = await reader.readline()
    while (await reader.readline()).rstrip():
        pass
    status, kind, body = await respond(request.decode("latin1").split(" ")[1])
    data = body.encode()
    head = f"HTTP/1.1 {status}\r\nContent-Type: {kind}\r\nContent-Length: {len(data)}\r\nConnection: close\r\n\r\n"
    writer.write(head.encode() + data)
    await writer.drain()
    writer.close()


async def serve(client, built_in, listen):
    """Serves the world outside, or one built-in client."""
    server = await asyncio.start_server(client, *address(listen or "127.0.0.1:0"))
    if listen:
        print(f"listening on {listen}")
        await server.serve_forever()  # until it is stopped
    await built_in(server.sockets[0].getsockname())
    server.close()


async def ask_in_lines(where):
    reader, writer = await asyncio.open_connection(*where)
    for query in QUERIES:
        writer.write(f"{query}\n".encode())
        line = ""
        while not line.endswith("found\n"):
            line = (await reader.readline()).decode()
            print(line.rstrip().replace("\t", "  "))
    writer.close()


async def ask_over_http(where):
    host, port = where
    for query in QUERIES:
        reader, writer = await asyncio.open_connection(host, port)
        writer.write(f"GET /search?q={query} HTTP/1.1\r\nHost: {host}:{port}\r\nConnection: close\r\n\r\n".encode())
        response = (await reader.read()).decode()
        print(f"GET /search?q={query}")
        print(response.splitlines()[-1])
        writer.close()


async def prompt(listen):
    await serve(prompt_client, ask_in_lines, listen)


async def http(listen):
    await serve(http_client, ask_over_http, listen)


VARIANTS = [prompt, http]
PARAMS = {}

if __name__ == "__main__":
    run(VARIANTS, PARAMS)
