"""A loop that always serves data first, and never the request to stop."""

import asyncio
import sys


async def wrong():
    data, control = asyncio.Queue(), asyncio.Queue()
    for number in range(60):
        data.put_nowait(number)
    control.put_nowait("stop")
    get_data = get_control = None
    for _ in range(50):
        get_data = get_data or asyncio.create_task(data.get())
        get_control = get_control or asyncio.create_task(control.get())
        done, _ = await asyncio.wait({get_data, get_control}, return_when=asyncio.FIRST_COMPLETED)  # WRONG: unfair
        if get_data in done:
            get_data = None
        elif get_control in done:
            break
        await asyncio.sleep(0.005)
    if get_data:
        get_data.cancel()


async def right():
    data, control = asyncio.Queue(), asyncio.Queue()
    for number in range(60):
        data.put_nowait(number)
    loop = asyncio.get_running_loop()
    loop.call_later(0.1, control.put_nowait, "stop")
    get_data = get_control = None
    while True:
        get_data = get_data or asyncio.create_task(data.get())
        get_control = get_control or asyncio.create_task(control.get())
        done, _ = await asyncio.wait({get_data, get_control}, return_when=asyncio.FIRST_COMPLETED)
        if get_control in done:
            break
        if get_data in done:
            get_data = None
        await asyncio.sleep(0.005)
    if get_data:
        get_data.cancel()


asyncio.run({"wrong": wrong, "right": right}[sys.argv[1]]())
