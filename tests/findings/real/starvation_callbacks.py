"""A client that hands each member of a large room to the loop as a callback of its own."""
# clock: real
import asyncio
import time


class Room:
    def __init__(self, loop):
        self.loop, self.members, self.late = loop, {}, []

    def admit(self, member):
        """Three milliseconds of work."""
        end = time.perf_counter() + 0.003
        while time.perf_counter() < end:
            self.members[member] = end

    def beat(self, due):
        self.late.append(self.loop.time() - due)
        due = max(due + 0.05, self.loop.time())
        self.timer = self.loop.call_at(due, self.beat, due)


async def follow(room):
    for chunk in range(4):
        await asyncio.sleep(0.1)  # WRONG: starvation
        for member in range(100):
            room.loop.call_soon(room.admit, (chunk, member))


async def main():
    room = Room(asyncio.get_running_loop())
    room.beat(room.loop.time())
    await follow(room)
    await asyncio.sleep(0.5)
    room.timer.cancel()
    print(len(room.members), "members,", len(room.late), "beats")


asyncio.run(main())
