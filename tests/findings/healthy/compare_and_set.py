"""A value is read, awaited, and written only if it has not changed: a compare-and-set loop."""

import asyncio
class Doc:
    def __init__(self): self.version, self.text = 0, ""
    async def save(self, text):
        while True:
            version = self.version
            await asyncio.sleep(0.002)
            if self.version == version:
                self.version = version + 1
                self.text = text
                return
async def main():
    doc = Doc()
    await asyncio.gather(*(doc.save(str(n)) for n in range(6)))
    print(doc.version)
asyncio.run(main())
