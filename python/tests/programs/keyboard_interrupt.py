"""SIGINT ends the main task; the program sees KeyboardInterrupt."""
import asyncio
import os
import signal


async def main():
    asyncio.get_running_loop().call_later(0.02, os.kill, os.getpid(), signal.SIGINT)
    try:
        await asyncio.sleep(60)
    except asyncio.CancelledError:
        print("cancelled")
        raise
    finally:
        print("finally")


try:
    asyncio.run(main())
except KeyboardInterrupt:
    print("KeyboardInterrupt")
    raise SystemExit(130)
