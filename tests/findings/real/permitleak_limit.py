"""A client whose slots come back after an answer and after an error, but not after a limit."""
import asyncio


class Client:
    def __init__(self, slots):
        self.slots = asyncio.Semaphore(slots)

    async def fetch(self, page, slow):
        await self.slots.acquire()  # WRONG: permitleak
        try:
            await asyncio.sleep(0.3 if slow else 0.01)
        except OSError:
            self.slots.release()
            raise
        self.slots.release()
        return f"page {page}"


async def browse(client, page):
    try:
        return await asyncio.wait_for(client.fetch(page, slow=page % 2), 0.1)
    except asyncio.TimeoutError:
        return None


async def main():
    client = Client(4)
    pages = [await browse(client, page) for page in range(12)]
    print(len(list(filter(None, pages))), "of", len(pages))


asyncio.run(main())
