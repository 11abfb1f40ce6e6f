"""Records what tasks do to locks, semaphores, events, queues and connections."""

import asyncio
import functools
import sys
from asyncio import StreamReader, locks, queues, selector_events

from . import waits
from .observe import after, wrap
from .parts import streams
from .places import program_frame
from .recorder import give_up, local
from .wire import ACQUIRED, BUFFERED, CLEARED, ERROR, OPERATION, RECEIVED, RELEASED, SENT, SET


def operated(owner, operation, value=0, task=-1):
    """Records what the running step does to an object."""
    recording = local.recorder
    if recording is None or recording.ready is None:
        return
    try:
        number = getattr(owner, "_loopscope", None)
        if number.__class__ is not int:
            # The place of this use counts if the place of the creation was not noted.
            place = recording.caller() if number is None else -1
            number = waits.number_of(owner, recording, place)
        recording.out += (OPERATION | number, operation, value, task)
    except Exception as error:
        give_up(error)


def install_waits():
    """Notes where each object is created, and which object is about to wait."""
    # CPython 3.9 has no mixin: the object is found in the frames of the task that waits.
    mixins = sys.modules.get("asyncio.mixins")
    if mixins is not None:
        get_loop = mixins._LoopBoundMixin._get_loop

        def _get_loop(self):
            recording = local.recorder
            if recording is not None:
                recording.about_to_wait = self
            return get_loop(self)

        mixins._LoopBoundMixin._get_loop = _get_loop
    for name in ("Lock", "Semaphore", "Event", "Condition", "Barrier", "Queue", "StreamReader"):
        if hasattr(asyncio, name):
            _note_creation(getattr(asyncio, name))


def _note_creation(owner):
    @wrap(owner, "__init__")
    def __init__(original, self, *args, **kwargs):
        frame = program_frame(sys._getframe(1))
        # A library's own objects have no place: a server may create one for each request.
        self._loopscope = (frame.f_code, frame.f_lasti, frame.f_lineno) if frame else ()
        original(self, *args, **kwargs)
        # These belong to the object, and are never seen by the program.
        if owner is queues.Queue:
            self._finished.__class__ = waits.JoinEvent
        elif owner.__name__ == "Barrier":
            self._cond.__class__ = waits.BarrierCondition


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


def install_operations():
    _Watched(locks.Lock, "_locked", _lock_changed)
    _Watched(locks.Semaphore, "_value", _permits_changed)
    _Watched(locks.Event, "_value", _event_changed)
    _watch_condition()
    for owner in (queues.Queue, queues.LifoQueue, queues.PriorityQueue):
        _watch_queue(owner)


def _lock_changed(lock, before, value):
    operated(lock, ACQUIRED if value else RELEASED, int(not value))


def _event_changed(event, before, value):
    operated(event, SET if value else CLEARED, int(value))


def _watch_condition():
    """Records a notification that no task waits for: a task that waits afterwards has missed it."""

    @wrap(locks.Condition, "notify")
    def notify(original, self, n=1):
        if not self._waiters and self.__class__ is not waits.BarrierCondition:
            operated(self, SET, 1)
            operated(self, CLEARED)
        return original(self, n)


def _permits_changed(semaphore, before, value):
    task = -1
    if value < before and sys._getframe(2).f_code.co_name in ("_wake_next", "_wake_up_next"):
        task = _first_waiter(semaphore)
    permits = int(min(value, waits.UNLIMITED))
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
        operated(self, SENT, len(self._queue))

    @functools.wraps(get)
    def _get(self):
        item = get(self)
        operated(self, RECEIVED, len(self._queue))
        return item

    owner._put, owner._get = _put, _get


def install_connections():
    """Records the bytes that the peer does not take, and what no wait tells: that the peer has
    closed its side, and that an attempt to connect has failed."""
    transport = selector_events._SelectorSocketTransport
    # `write` calls the first of these when the peer has not taken all bytes, `writelines` not always.
    for name in ("_maybe_pause_protocol", "writelines"):
        if name != "writelines" or name in vars(transport):

            @after(transport, name)
            def wrote(_, transport, *args):
                if transport._buffer:
                    operated(transport._protocol, BUFFERED, transport.get_write_buffer_size())

    for name in ("_sock_connect", "_sock_connect_cb"):

        @after(selector_events.BaseSelectorEventLoop, name)
        def connecting(_, loop, fut, sock, address):
            if fut.done() and not fut.cancelled() and fut._exception is not None:
                operated(sock, ERROR)

    @after(StreamReader, "feed_eof")
    def ended(_, reader):
        # Before the end of a stream nothing is noted, so reading costs nothing.
        if reader.__class__ is StreamReader:
            reader.__class__ = streams.Ended
