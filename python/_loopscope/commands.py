"""Obeys commands. It is loaded with the first one.

The commands are single bytes. `p` pauses, `r` resumes, `s` allows one step, `t` allows the rest of
a tick, or the next tick if the program is between two. `o` chooses: two numbers of 4 bytes follow,
a step and the task that takes it. The steps are counted from the command on, the next one is 1.
"""

import select
import struct
from asyncio import base_events

from .clock import now_ns
from .stalled import wait_for
from .wire import frame

_Loop = base_events.BaseEventLoop
_time = _Loop.time


def obey(control, between_ticks, time):
    """See `Control.obey`."""
    if control.until_tick and not between_ticks:
        return
    if control.steps:
        control.steps -= not between_ticks
        return
    control.until_tick = False
    was_paused = control.is_paused
    since = now_ns()
    if was_paused:
        _say(control, True, time)
    while control.wire.socket is not None:
        if not control.is_paused and not control.has_command():
            break
        command = _read(control, 1)
        if command == b"p" and not control.is_paused:
            control.is_paused = True
            _say(control, True, time)
        elif command == b"r":
            control.is_paused = False
        elif command == b"s":
            control.is_paused = True
            control.steps = int(between_ticks)
            break
        elif command == b"t":
            control.is_paused = True
            control.until_tick = True
            break
        elif command == b"o":
            step, task = struct.unpack("<II", _read(control, 8).ljust(8, b"\0"))
            control.choices[control.begun + step] = task
    if not control.is_paused:
        _say(control, False, time)
    pause(control.recorder, now_ns() - since)


def pause(recorder, nanoseconds):
    """The program was held for this long: the time of its loops excludes that."""
    if nanoseconds and _Loop.time is _time:
        _Loop.time = _time_without_pauses
    recorder.paused += nanoseconds
    if recorder.ready is not None:
        recorder.ready.hold()


def _say(control, is_paused, time):
    """Says whether the program is paused, and its time."""
    control.wire.send([frame(b"P", struct.pack("<Bq", is_paused, time))])


def _time_without_pauses(loop):
    recorder = getattr(loop._ready, "recorder", None)
    return _time(loop) - (recorder.paused / 1e9 if recorder is not None else 0)


def _read(control, length):
    """The next bytes of commands; nothing if loopscope has gone."""
    data = b""
    try:
        while len(data) < length:
            wait_for(control.wire.socket, select.POLLIN, None)
            more = control.wire.socket.recv(length - len(data))
            if not more:
                raise EOFError
            data += more
    except (OSError, EOFError):
        control.wire.close()
        control.is_paused = False
        return b""
    return data
