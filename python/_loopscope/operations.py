"""Records what tasks do to locks, semaphores, events and queues. It is loaded with the first of them."""

import functools
import inspect
import sys
from asyncio import locks, queues

from .names import UNLIMITED
from .objects import BarrierCondition
from .observe import wrap
from .recorder import local
from .resources import operated
from .wire import ACQUIRED, CLEARED, OPERATION, RECEIVED, RELEASED, SENT, SET


#: What creates a queue.
_QUEUE = inspect.unwrap(queues.Queue.__init__).__code__


class _Watched:
    """An attribute whose changes are recorded. It has no `__get__`, so it is read as any other."""

    def __init__(self, owner, name, changed):
        self.name, self.changed = name, changed
        setattr(owner, name, self)

    def __set__(self, owner, value):
        variables = owner.__dict__
        before = variables.get(self.name)
        if before is not None and before != value:
            self.changed(owner, before, value)
        variables[self.name] = value


def install():
    _Watched(locks.Lock, "_locked", _lock_changed)
    _Watched(locks.Semaphore, "_value", _permits_changed)
    _Watched(locks.Event, "_value", _event_changed)
    _watch_condition()
    for owner in (queues.Queue, queues.LifoQueue, queues.PriorityQueue):
        _watch_queue(owner)


def _lock_changed(lock, before, value):
    operated(lock, ACQUIRED if value else RELEASED, int(not value))


def _event_changed(event, before, value):
    # A queue sets the event of its `join` before that is known to be one.
    if sys._getframe(3).f_code is not _QUEUE:
        operated(event, SET if value else CLEARED, int(value))


def _watch_condition():
    """Records a notification that no task waits for: a task that waits afterwards has missed it."""

    @wrap(locks.Condition, "notify")
    def notify(original, self, n=1):
        if not self._waiters and self.__class__ is not BarrierCondition:
            operated(self, SET, 1)
            operated(self, CLEARED)
        return original(self, n)


def _permits_changed(semaphore, before, value):
    task = -1
    if value < before and sys._getframe(2).f_code.co_name in ("_wake_next", "_wake_up_next"):
        task = _first_waiter(semaphore)
    permits = int(min(value, UNLIMITED))
    operated(semaphore, ACQUIRED if value < before else RELEASED, permits, task)


def _first_waiter(semaphore):
    """The task to which a permit is handed, because it is the first that waits for one."""
    for waiter in semaphore._waiters or ():
        if not waiter.done():
            for callback, _ in waiter._callbacks or ():
                return getattr(getattr(callback, "__self__", None), "_loopscope", -32) >> 5
    return -1


def _watch_queue(owner):
    put, get = owner._put, owner._get

    # Not with `after`: programs do little else than this.
    @functools.wraps(put)
    def _put(self, item):
        put(self, item)
        recording, number = local.recorder, getattr(self, "_loopscope", None)
        if number.__class__ is int and recording is not None and recording.ready is not None:
            recording.out += (OPERATION | number, SENT, len(self._queue), -1)
        else:
            operated(self, SENT, len(self._queue))

    @functools.wraps(get)
    def _get(self):
        item = get(self)
        recording, number = local.recorder, getattr(self, "_loopscope", None)
        if number.__class__ is int and recording is not None and recording.ready is not None:
            recording.out += (OPERATION | number, RECEIVED, len(self._queue), -1)
        else:
            operated(self, RECEIVED, len(self._queue))
        return item

    owner._put, owner._get = _put, _get
