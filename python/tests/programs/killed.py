"""The program is terminated by a signal: what it has printed is there."""
import asyncio
import os
import signal


async def main():
    print("about to be terminated", flush=True)
    await asyncio.sleep(0.01)
    os.kill(os.getpid(), signal.SIGTERM)
    await asyncio.sleep(60)


asyncio.run(main())
