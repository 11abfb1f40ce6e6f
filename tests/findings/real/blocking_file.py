"""State is written to a slow disk by the loop."""
# clock: real

import asyncio
import json
import os
import tempfile
import time


class Snapshot:
    def __init__(self):
        self.path = os.path.join(tempfile.mkdtemp(), "state.json")

    def write(self, state):
        with open(self.path, "w") as file:
            json.dump(state, file)
            file.flush()
            time.sleep(0.12)  # WRONG: blocking

    async def run(self, state):
        for _ in range(3):
            await asyncio.sleep(0.1)
            self.write(state)  # WRONG: blocking


async def ticks(state):
    for n in range(50):
        state["n"] = n
        await asyncio.sleep(0.01)


async def main():
    state = {}
    await asyncio.gather(Snapshot().run(state), ticks(state))


asyncio.run(main())
