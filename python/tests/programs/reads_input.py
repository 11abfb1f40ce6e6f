# stdin: first line\nsecond line\nlast, without an end
"""Standard input is the program's: read as text, and by a stream of the loop."""
import asyncio
import sys


async def main():
    print(repr(sys.stdin.readline()))
    loop = asyncio.get_running_loop()
    print(repr(await loop.run_in_executor(None, sys.stdin.readline)))
    print(repr(sys.stdin.read()), sys.stdin.isatty(), repr(sys.stdin.read()))


asyncio.run(main())
