"""Locks, semaphores, conditions, events and queues, with their representations."""
import asyncio
import re


def shown(value):
    return re.sub(r"0x\w+", "…", repr(value))


async def main():
    lock, semaphore = asyncio.Lock(), asyncio.BoundedSemaphore(2)
    event, condition = asyncio.Event(), asyncio.Condition()
    queue, stack, heap = asyncio.Queue(2), asyncio.LifoQueue(), asyncio.PriorityQueue()
    async with lock, semaphore:
        print(shown(lock), shown(semaphore), lock.locked(), semaphore.locked())
    print(shown(event), shown(condition), shown(queue), vars(lock).keys() >= {"_locked"})
    semaphore.release() if semaphore.locked() else None
    try:
        semaphore.release()
    except ValueError as error:
        print(error)
    for number in (3, 1, 2):
        stack.put_nowait(number)
        heap.put_nowait(number)
    print([stack.get_nowait(), heap.get_nowait()], stack.qsize(), heap.empty())
    await queue.put(1)
    await queue.put(2)
    try:
        queue.put_nowait(3)
    except asyncio.QueueFull:
        print("full")
    getter = asyncio.create_task(queue.join())
    queue.get_nowait(), queue.get_nowait()
    queue.task_done(), queue.task_done()
    await getter
    waiting = asyncio.create_task(event.wait())
    await asyncio.sleep(0)
    event.set()
    print(await waiting, shown(event))
    async with condition:
        condition.notify_all()


class Mine(asyncio.Lock):
    __slots__ = ()


asyncio.run(main())
print(type(Mine()).__mro__[1].__name__ if hasattr(asyncio, "TaskGroup") else "Lock")
