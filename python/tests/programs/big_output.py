"""Five megabytes on both streams, as text, as bytes and without an end of line."""
import asyncio
import sys


async def main():
    line = "0123456789 äöü € 🎉 " * 50
    for number in range(1000):
        print(number, line)
        if number % 100 == 0:
            print(number, file=sys.stderr)
            await asyncio.sleep(0)
    sys.stdout.flush()
    sys.stdout.buffer.write(b"\x00\xff bytes\n" * 100_000)
    sys.stdout.write("no end of line")
    print("\r\x1b[31mcolour\x1b[0m", end="")
    sys.stdout.writelines(["a\n", "b\n", "c"])


asyncio.run(main())
