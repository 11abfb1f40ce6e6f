"""An exception in a finalizer goes to `sys.unraisablehook`."""
import asyncio
import sys


class Broken:
    def __del__(self):
        raise OSError("in a finalizer")


def hook(unraisable):
    print("unraisable:", repr(unraisable.exc_value))


async def main():
    broken = Broken()
    await asyncio.sleep(0)
    del broken
    await asyncio.sleep(0)


sys.unraisablehook = hook
asyncio.run(main())
