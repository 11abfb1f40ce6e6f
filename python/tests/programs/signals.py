"""Handlers of signals in the loop and outside of it."""
import asyncio
import os
import signal

signal.signal(signal.SIGUSR2, lambda number, frame: print("plain handler", number))


async def main():
    loop = asyncio.get_running_loop()
    got = asyncio.Event()

    def on_signal(name):
        print("loop handler", name)
        got.set()

    loop.add_signal_handler(signal.SIGUSR1, on_signal, "USR1")
    os.kill(os.getpid(), signal.SIGUSR1)
    os.kill(os.getpid(), signal.SIGUSR2)
    await got.wait()
    print(loop.remove_signal_handler(signal.SIGUSR1))


asyncio.run(main())
