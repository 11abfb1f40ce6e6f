"""Notes where locks, queues, events and streams are created, which may be before the first loop."""

import asyncio
import functools
import sys
from asyncio import locks, queues

from .places import program_frame
from .settings import DETAIL, WAITS


class JoinEvent(locks.Event):
    """The event of `Queue.join`. It changes with each put, which the queue's own operations tell."""

    #: Hides the attribute of `Event` whose changes are recorded.
    _value = False


class BarrierCondition(locks.Condition):
    """The condition of a barrier."""


#: The classes whose objects have places; none once they are installed.
_names = ["Lock", "Semaphore", "Event", "Condition", "Barrier", "Queue", "StreamReader"]
#: Whether such an object may exist, and what is called with the first one.
exist, _with_first = True, []


def with_first(function):
    """Calls a function when the first of the objects is created, or now if one may exist."""
    _with_first.append(function)
    if exist:
        _call()


def _call():
    try:
        _with_first.pop()()
    except (IndexError, ImportError):
        pass  # Another thread calls it, or loopscope has gone with its files.


def install():
    while _names and DETAIL >= WAITS:
        owner = getattr(asyncio, _names.pop(), None)
        if owner is not None:
            _note_creation(owner)


def _note_creation(owner):
    original = owner.__init__

    @functools.wraps(original)
    def __init__(self, *args, **kwargs):
        global exist
        exist = True
        if _with_first:
            _call()
        frame = program_frame(sys._getframe(1))
        # A library's own objects have no place: a server may create one for each request.
        self._loopscope = (frame.f_code, frame.f_lasti, frame.f_lineno) if frame else ()
        original(self, *args, **kwargs)
        # These belong to the object, and are never seen by the program.
        if owner is queues.Queue:
            self._finished.__class__ = JoinEvent
        elif owner.__name__ == "Barrier":
            self._cond.__class__ = BarrierCondition

    owner.__init__ = __init__
