"""Nodes that try to get a lease at random intervals."""

import asyncio, random

class Lease:
    def __init__(self): self.owner, self.until = None, 0
    def try_take(self, name, now, ttl):
        if self.owner in (None, name) or self.until < now:
            self.owner, self.until = name, now + ttl
            return True
        return False

async def node(name, lease, stop, led):
    loop = asyncio.get_running_loop()
    while not stop.is_set():
        if lease.try_take(name, loop.time(), 0.1):
            led.append(name)
        try:
            await asyncio.wait_for(stop.wait(), random.uniform(0.02, 0.05))
        except asyncio.TimeoutError:
            pass

async def main():
    lease, stop, led = Lease(), asyncio.Event(), []
    nodes = [asyncio.create_task(node(n, lease, stop, led)) for n in "abcd"]
    await asyncio.sleep(0.8)
    stop.set()
    await asyncio.gather(*nodes)
    print(len(led))

asyncio.run(main())
