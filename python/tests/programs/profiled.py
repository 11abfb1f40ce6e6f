"""`sys.settrace` and `sys.setprofile` of the program see its own functions."""
import asyncio
import sys

seen = []


def trace(frame, event, argument):
    if frame.f_code.co_filename == __file__:
        seen.append((event, frame.f_code.co_name))
    return None


async def inner():
    await asyncio.sleep(0)


async def main():
    await inner()


sys.setprofile(trace)
asyncio.run(main())
sys.setprofile(None)
print(seen, sys.gettrace())
