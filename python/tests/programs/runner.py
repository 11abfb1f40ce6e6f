"""`asyncio.Runner` with several runs on one loop, where the version has it."""
import asyncio
import sys


async def work(number):
    await asyncio.sleep(0.001)
    return number, type(asyncio.get_running_loop()).__name__


if sys.version_info >= (3, 11):
    with asyncio.Runner(loop_factory=asyncio.SelectorEventLoop) as runner:
        print([runner.run(work(number)) for number in range(3)])
        loop = runner.get_loop()
        print(loop.is_running(), loop.is_closed())
    print(loop.is_closed())
loop = asyncio.new_event_loop()
print(loop.run_until_complete(work(7)))
loop.call_later(0.01, loop.stop)
loop.run_forever()
print(loop.is_running())
try:
    loop.run_until_complete(asyncio.Event().wait()) if loop.close() else None
finally:
    print(loop.is_closed())
try:
    asyncio.run(work)
except (TypeError, ValueError) as error:
    print(type(error).__name__)
