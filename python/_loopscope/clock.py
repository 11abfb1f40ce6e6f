"""The clock of the recorded loops: the real one, or a virtual one that jumps to the next deadline.

On the virtual clock `time.sleep` advances the time as well, in a thread that runs a loop.
"""

import os
import time
from asyncio import base_events, events
from itertools import count

IS_VIRTUAL = os.environ.get("LOOPSCOPE_CLOCK") == "virtual"

_Loop = base_events.BaseEventLoop
_time_of_loop = _Loop.time
_virtual = 0


def _virtual_ns():
    return _virtual


now_ns = _virtual_ns if IS_VIRTUAL else time.monotonic_ns


def hold():
    """From now on the time of a loop excludes the pauses of the program."""
    if _Loop.time is _time_of_loop:
        _Loop.time = lambda self: _time_of_loop(self) - getattr(self._ready, "recorder", _Unpaused).paused / 1e9


class _Unpaused:
    paused = 0


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
    global _virtual
    _virtual += round(seconds * 1e9)


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
    if not IS_VIRTUAL:
        return
    sleep = time.sleep

    def virtual_sleep(seconds):
        if events._get_running_loop() is None:
            sleep(seconds)
        else:
            advance(seconds)

    time.sleep = virtual_sleep
    _Loop.time = lambda self: _virtual / 1e9
