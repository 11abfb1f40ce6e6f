"""A receive loop that takes the end of the stream for an empty sentence."""
# clock: real

import asyncio


class Gateway:
    def __init__(self, reader):
        self.reader = reader
        self.sentences, self.empty = [], 0

    async def receive(self):
        sentence = (await self.reader.readline()).strip()  # WRONG: halfopen
        if not sentence:
            self.empty += 1
            return
        self.sentences.append(sentence)

    async def run(self):
        while self.empty < 40:
            await self.receive()
            await asyncio.sleep(0.001)


async def device(_, writer):
    writer.write(b"GPGGA\nGPRMC\n")
    writer.close()


async def main():
    server = await asyncio.start_server(device, "127.0.0.1", 0)
    reader, writer = await asyncio.open_connection(*server.sockets[0].getsockname())
    gateway = Gateway(reader)
    await gateway.run()
    print(gateway.sentences)
    writer.close()
    server.close()


asyncio.run(main())
