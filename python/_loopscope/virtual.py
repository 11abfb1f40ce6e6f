"""The virtual clock: it jumps to the next deadline when the loop would wait.

`time.sleep` advances it as well, in a thread that runs a loop.
"""

import time
from asyncio import base_events, events
from itertools import count

from . import clock
from .observe import wrap


class Deadline(float):
    """A deadline. Of two equal ones the one that was set first is due first.

    asyncio keeps its timers in a heap, which does not keep the order of equal ones. On the real
    clock no two are equal.
    """

    ages = count()

    def __new__(cls, moment):
        deadline = super().__new__(cls, moment)
        deadline.age = next(cls.ages)
        return deadline

    def __lt__(self, other):
        if isinstance(other, Deadline) and float(self) == float(other):
            return self.age < other.age
        return float(self) < float(other)


def advance(seconds):
    clock.virtual += round(seconds * 1e9)


def jumping(select):
    """A `select` that does not wait for a deadline, but jumps to it."""

    def jump(timeout=None):
        if not timeout:
            return select(timeout)
        found = select(0)
        if not found:
            advance(timeout)
        return found

    return jump


def install():
    """Gives the loops the virtual clock, and makes `time.sleep` advance it."""
    sleep = time.sleep

    def virtual_sleep(seconds):
        if events._get_running_loop() is None:
            sleep(seconds)
        else:
            advance(seconds)

    time.sleep = virtual_sleep
    base_events.BaseEventLoop.time = lambda self: clock.virtual / 1e9

    @wrap(base_events.BaseEventLoop, "call_at")
    def call_at(original, self, when, *args, **kwargs):
        return original(self, Deadline(round(when, 9)), *args, **kwargs)
