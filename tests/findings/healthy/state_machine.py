"""A value is tested before an await and set to a constant after it."""

import asyncio
class Machine:
    def __init__(self): self.state, self.history = "new", []
    async def to(self, state):
        if self.state == state: return
        old = self.state
        self.state = state
        await asyncio.sleep(0.005)
        self.history.append((old, state))
    async def close(self):
        if self.state != "closed":
            await asyncio.sleep(0.005)
            self.state = "closed"
async def main():
    m = Machine()
    await m.to("open")
    await asyncio.gather(m.close(), m.close(), m.close())
    print(m.state, m.history)
asyncio.run(main())
