"""Three senders of updates, every 1, 2 and 3 seconds: on threads, or in a loop.

The loop is built here from nothing. It is a list of functions that can be resumed, each with the
time when it wants to be: take the earliest, wait until that time, resume it, put it back. A
generator returns its next pause with `yield`; a coroutine does the same through its awaits, because
`await` passes on what is yielded.
"""

import asyncio
import types

from twin import block, now, run

# How many updates each sender sends, and how many seconds it waits before each.
SENDERS = [(10, 1), (5, 2), (4, 3)]


def update(number, count, seconds):
    print(f"[{seconds:.1f}] Sending update {number}/{count}.")


async def send_updates(count, seconds):
    for number in range(1, count + 1):
        await asyncio.sleep(seconds)
        update(number, count, seconds)


async def sequential():
    for sender in SENDERS:
        await send_updates(*sender)


async def concurrent():
    await asyncio.gather(*(send_updates(*sender) for sender in SENDERS))


def send_from_thread(count, seconds):
    for number in range(1, count + 1):
        block(seconds)
        update(number, count, seconds)


async def threads():
    await asyncio.gather(*(asyncio.to_thread(send_from_thread, *sender) for sender in SENDERS))


def run_by_timers(senders):
    """The loop: resumes the earliest sender, which yields the pause before it continues."""
    timers = [(now(), sender) for sender in senders]
    while timers:
        due, sender = earliest = min(timers, key=lambda timer: timer[0])
        timers.remove(earliest)
        block(max(0, due - now()))
        try:
            timers.append((now() + sender.send(None), sender))
        except StopIteration:
            pass  # the sender is done


def pauses(count, seconds):
    for number in range(1, count + 1):
        yield seconds
        update(number, count, seconds)


def generators():
    run_by_timers(pauses(*sender) for sender in SENDERS)


@types.coroutine
def pause(seconds):
    yield seconds


async def send_with_pauses(count, seconds):
    for number in range(1, count + 1):
        await pause(seconds)
        update(number, count, seconds)


def mini_loop():
    run_by_timers(send_with_pauses(*sender) for sender in SENDERS)


VARIANTS = [sequential, threads, generators, mini_loop, concurrent]
PARAMS = {}

if __name__ == "__main__":
    run(VARIANTS, PARAMS)
