"""Every request starts a watcher that waits for an event which nothing sets."""
import asyncio


class Request:
    def __init__(self, number):
        self.number = number
        self.disconnected = asyncio.Event()


class Server:
    def __init__(self):
        self.watchers = []

    async def watch(self, request):
        await request.disconnected.wait()
        print("client left", request.number)

    async def handle(self, number):
        request = Request(number)
        self.watchers.append(asyncio.create_task(self.watch(request)))  # WRONG: taskleak
        await asyncio.sleep(0.005)
        return number


async def main():
    server = Server()
    for number in range(150):
        await server.handle(number)
    print("watchers", len(server.watchers))


asyncio.run(main())
