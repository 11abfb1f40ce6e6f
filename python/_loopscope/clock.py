"""The clock of the recorded loops: the real one, or the one of `virtual`."""

import os
import time
from asyncio import base_events

IS_VIRTUAL = os.environ.get("LOOPSCOPE_CLOCK") == "virtual"

_Loop = base_events.BaseEventLoop
_time_of_loop = _Loop.time
#: The time of the virtual clock, in nanoseconds.
virtual = 0
now_ns = (lambda: virtual) if IS_VIRTUAL else time.monotonic_ns


def hold():
    """From now on the time of a loop excludes the pauses of the program."""
    if _Loop.time is _time_of_loop:
        _Loop.time = _time_without_pauses


def _time_without_pauses(loop):
    recorder = getattr(loop._ready, "recorder", None)
    return _time_of_loop(loop) - (recorder.paused / 1e9 if recorder is not None else 0)
