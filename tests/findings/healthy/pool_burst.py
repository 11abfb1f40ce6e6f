"""Looks like `poolexhausted`: one burst of jobs for threads."""
# clock: real

import asyncio
import time
async def main():
    await asyncio.gather(*(asyncio.to_thread(time.sleep, 0.05) for _ in range(40)))
asyncio.run(main())
