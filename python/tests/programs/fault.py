# options: -X faulthandler
"""The program crashes in C: the fault handler prints where."""
import asyncio
import faulthandler
import sys


async def main():
    print("before", faulthandler.is_enabled(), flush=True)
    await asyncio.sleep(0)
    faulthandler.dump_traceback_later(60, exit=True)
    faulthandler.cancel_dump_traceback_later()
    sys.stderr.close()
    import os

    os.abort()


asyncio.run(main())
