"""Streams that are replaced, redirected, detached and closed while tasks print."""
import asyncio
import contextlib
import io
import os
import sys


async def main():
    with contextlib.redirect_stdout(io.StringIO()) as kept:
        print("kept")
        await asyncio.sleep(0)
    print(repr(kept.getvalue()), sys.stdout.encoding, sys.stdout.line_buffering)
    sys.stdout.flush()
    os.write(1, b"by the system\n")
    print("written", file=sys.__stdout__, flush=True)
    raw = sys.stdout.detach()
    sys.stdout = io.TextIOWrapper(raw, "ascii", errors="backslashreplace", write_through=True)
    print("ä")
    await asyncio.sleep(0)
    sys.stderr.close()
    sys.stderr = None
    print("end")


asyncio.run(main())
