"""Belief: waiting for the first of two only picks the winner.

`deliver` has taken a box when it loses the race against the timer. Cancelling the loser loses the
box; a task that is kept across the rounds continues. asyncio's `wait` cancels nothing by itself.
"""

import asyncio

from twin import run


async def deliver(boxes, doorstep):
    taken = await boxes.get()
    await asyncio.sleep(0.3)  # the way to the doorstep
    await doorstep.put(taken)
    return "delivered"


async def patience():
    await asyncio.sleep(0.2)
    return "not yet"


async def race(delivery):
    """Whichever comes first; the patience ends with the race."""
    waiting = asyncio.create_task(patience())
    await asyncio.wait([delivery, waiting], return_when=asyncio.FIRST_COMPLETED)
    won = delivery.result() if delivery.done() else waiting.result()
    waiting.cancel()
    return won


def store():
    """Four boxes in the store, and an empty doorstep."""
    boxes = asyncio.Queue()
    for number in range(1, 5):
        boxes.put_nowait(number)
    return boxes, asyncio.Queue()


async def wrong():
    boxes, doorstep = store()
    for _ in range(4):
        delivery = asyncio.create_task(deliver(boxes, doorstep))
        won = await race(delivery)
        delivery.cancel()  # the box is lost with it
        print(won)
    print(f"{doorstep.qsize()} delivered, {boxes.qsize()} left")


async def right():
    boxes, doorstep = store()
    delivery = asyncio.create_task(deliver(boxes, doorstep))
    for _ in range(4):
        won = await race(delivery)
        print(won)
        if won == "delivered":
            delivery = asyncio.create_task(deliver(boxes, doorstep))
    print(f"{doorstep.qsize()} delivered, {boxes.qsize()} left")


VARIANTS = [wrong, right]
PARAMS = {}

if __name__ == "__main__":
    run(VARIANTS, PARAMS)
