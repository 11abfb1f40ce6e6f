"""Records what tasks do to locks, semaphores, events and queues."""

import functools
import sys
from asyncio import locks, queues, streams

from . import waits
from .places import program_frame
from .recorder import give_up, local
from .wire import ACQUIRED, CLEARED, OPERATION, RECEIVED, RELEASED, SENT, SET


def install_waits():
    """Notes where each object is created, and which object is about to wait."""
    try:
        from asyncio.mixins import _LoopBoundMixin
    except ImportError:  # CPython 3.9: found in the frames of the task that waits.
        _LoopBoundMixin = None
    if _LoopBoundMixin is not None:
        get_loop = _LoopBoundMixin._get_loop

        def _get_loop(self):
            recording = local.recorder
            if recording is not None:
                recording.about_to_wait = self
            return get_loop(self)

        _LoopBoundMixin._get_loop = _get_loop
    for name in ("Lock", "Semaphore", "Event", "Condition", "Barrier"):
        if hasattr(locks, name):
            _note_creation(getattr(locks, name))
    _note_creation(queues.Queue)
    _note_creation(streams.StreamReader)


def _note_creation(owner):
    create = owner.__init__

    @functools.wraps(create)
    def __init__(self, *args, **kwargs):
        frame = program_frame(sys._getframe(1))
        if frame is not None:
            self._loopscope = (frame.f_code, frame.f_lasti, frame.f_lineno)
        create(self, *args, **kwargs)
        # These belong to the object, and are never seen by the program.
        if owner is queues.Queue:
            self._finished.__class__ = waits.JoinEvent
        elif owner.__name__ == "Barrier":
            self._cond.__class__ = waits.BarrierCondition

    owner.__init__ = __init__


def install_operations():
    locks.Lock._locked = _Watched("_locked", _lock_changed)
    locks.Semaphore._value = _Watched("_value", _permits_changed)
    _watch_event("set", True, SET)
    _watch_event("clear", False, CLEARED)
    for owner in (queues.Queue, queues.LifoQueue, queues.PriorityQueue):
        _watch_queue(owner, "_put", SENT)
        _watch_queue(owner, "_get", RECEIVED)


def operated(owner, operation, value, task=-1):
    """Records what the running task does to an object."""
    recording = local.recorder
    if recording is None or recording.ready is None:
        return
    try:
        number = getattr(owner, "_loopscope", None)
        if number.__class__ is not int:
            number = waits.number_of(owner, recording)
        recording.out += (OPERATION | number, operation, value, task)
    except Exception as error:
        give_up(error)


class _Watched:
    """An attribute whose changes are recorded."""

    def __init__(self, name, changed):
        self.name = name
        self.changed = changed

    def __get__(self, owner, kind=None):
        return self if owner is None else owner.__dict__[self.name]

    def __set__(self, owner, value):
        variables = owner.__dict__
        before = variables.get(self.name)
        if before is not None and before != value:
            self.changed(owner, before, value)
        variables[self.name] = value


def _lock_changed(lock, before, value):
    operated(lock, ACQUIRED if value else RELEASED, int(not value))


def _permits_changed(semaphore, before, value):
    task = -1
    if value < before and sys._getframe(2).f_code.co_name in ("_wake_next", "_wake_up_next"):
        task = _first_waiter(semaphore)
    operated(semaphore, ACQUIRED if value < before else RELEASED, value, task)


def _first_waiter(semaphore):
    """The task to which a permit is handed, because it is the first that waits for one."""
    for waiter in semaphore._waiters or ():
        if not waiter.done():
            for callback, _ in waiter._callbacks or ():
                return getattr(getattr(callback, "__self__", None), "_loopscope", -32) >> 5
    return -1


def _watch_event(name, value, operation):
    change = getattr(locks.Event, name)

    @functools.wraps(change)
    def changed(self):
        if self._value != value:
            operated(self, operation, int(value))
        change(self)

    setattr(locks.Event, name, changed)


def _watch_queue(owner, name, operation):
    use = getattr(owner, name)

    @functools.wraps(use)
    def used(self, *item):
        found = use(self, *item)
        recording = local.recorder
        if recording is not None and recording.ready is not None:
            number = getattr(self, "_loopscope", None)
            if number.__class__ is not int:
                number = waits.number_of(self, recording)
            recording.out += (OPERATION | number, operation, len(self._queue), -1)
        return found

    setattr(owner, name, used)
