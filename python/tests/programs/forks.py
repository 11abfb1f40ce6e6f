"""`os.fork` in a running loop: the child leaves, the parent's loop continues."""
import asyncio
import os
import warnings

warnings.simplefilter("ignore", DeprecationWarning)


async def main():
    await asyncio.sleep(0.001)
    child = os.fork()
    if child == 0:
        os._exit(9)
    await asyncio.sleep(0.01)
    print(os.WEXITSTATUS(os.waitpid(child, 0)[1]))


asyncio.run(main())
