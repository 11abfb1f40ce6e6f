"""The loop is idle for three seconds while a thread works."""
# clock: real
import asyncio, threading, time
async def main():
    loop = asyncio.get_running_loop()
    reply = loop.create_future()
    def work():
        time.sleep(3.2)
        loop.call_soon_threadsafe(reply.set_result, 42)
    threading.Thread(target=work).start()
    print(await reply)
asyncio.run(main())
