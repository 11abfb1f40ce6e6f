"""Records the tasks, wakes and timers of uvloop, whose ready queue and ticks cannot be seen.

Each callback that is given to the loop is wrapped. A queue of our own stands for the loop's: it gains
an entry with each call of `call_soon`, and loses it when the callback runs. Each step is a tick.
"""

import functools
import sys
import threading
from types import SimpleNamespace

from . import wire
from .hooks import created
from .ready import Ready
from .recorder import give_up, local, recorder
from .wire import CANCELLED, FIRED, FROM, ON_TIMER, TIMER, WAIT

NOTE = "the ticks and the ready queue of uvloop: each step is shown as a tick of its own"


class _Entry:
    """An entry of the queue: a callback that runs once."""

    def __init__(self, ready, callback):
        self.ready, self._callback = ready, callback
        ready.append(self)

    def __call__(self, *args):
        ready = self.ready
        ready.began = None  # The loop may have waited.
        # The loop takes its entries in order. What comes before this one was cancelled.
        while ready and ready.popleft() is not self:
            self._end(ready)
        try:
            self._callback(*args)
        finally:
            self._end(ready)

    @staticmethod
    def _end(ready):
        if ready.is_off():
            return
        try:
            ready.select(0)
            if not ready:
                ready.find_lines()
                ready.recorder.flush()
        except Exception as error:
            give_up(error)


class _Timer:
    """The handle of a timer, which the program can cancel."""

    def __init__(self, ready, number, callback):
        self._ready, self._number, self._callback = ready, number, callback
        self.handle = None

    def __call__(self, *args):
        ready = self._ready
        if len(ready) != len(ready.owners):
            ready.select(0)
        ready.out.append(FIRED | self._number)
        _run_first(ready, self._callback, args)

    def cancel(self):
        if not self.handle.cancelled():
            self.handle.cancel()
            self._ready.out.append(CANCELLED | self._number)

    def __getattr__(self, name):
        return getattr(self.handle, name)


class _Arrival:
    """A callback that another thread gives the loop.

    It enters our queue when it runs: a thread may lose the processor between its entry in our queue
    and that in the loop's, and the two would be in different orders.
    """

    def __init__(self, ready, callback):
        self._ready, self._callback = ready, callback
        self._thread = threading.current_thread().name

    def __call__(self, *args):
        ready = self._ready
        if ready.is_off():
            self._callback(*args)
            return
        ready.began = None  # The loop has waited.
        if len(ready) != len(ready.owners):
            ready.select(0)
        ready.out.append(FROM | ready.recorder.text(self._thread) << 5)
        _run_first(ready, self._callback, args)


def _run_first(ready, callback, args):
    """Runs a callback that does not pass through the loop's queue."""
    entry = _Entry(ready, callback)
    ready.scan(callback)
    ready.rotate(1)
    ready.owners.rotate(1)
    entry(*args)


def _ready(loop):
    ready = getattr(loop, "_ready", None)
    if ready is None:
        ready = loop._ready = Ready(SimpleNamespace(_ready=()), recorder())
        ready.plain_select = lambda timeout: ()
    return ready


def install(module):
    """Wraps what the loop of uvloop is given."""
    wire.missing.append(NOTE)
    print("loopscope: not recorded:", NOTE, file=sys.stderr)
    owner = module.Loop

    def wrap(name, replace):
        setattr(owner, name, functools.wraps(getattr(owner, name))(replace))

    call_soon, call_soon_threadsafe = owner.call_soon, owner.call_soon_threadsafe
    call_later, create_task, run_forever = owner.call_later, owner.create_task, owner.run_forever

    def soon(self, callback, *args, context=None):
        return call_soon(self, _Entry(_ready(self), callback), *args, context=context)

    def threadsafe(self, callback, *args, context=None):
        ready = _ready(self)
        kind = _Entry if local.recorder is ready.recorder else _Arrival
        return call_soon_threadsafe(self, kind(ready, callback), *args, context=context)

    def later(self, delay, callback, *args, context=None):
        ready = _ready(self)
        number = next(ready.recorder.timers) << 5
        timer = _Timer(ready, number, callback)
        task = -1 if ready.task is None else ready.task._loopscope >> 5
        ready.out += (TIMER | number, ready.now() + max(0, int(delay * 1e9)), task)
        if args and hasattr(args[0], "_asyncio_future_blocking"):
            args[0]._loopscope = (WAIT | number, ON_TIMER)
        timer.handle = call_later(self, delay, timer, *args, context=context)
        return timer

    def at(self, when, callback, *args, context=None):
        return later(self, when - self.time(), callback, *args, context=context)

    def create(self, coroutine, *args, **kwargs):
        task = create_task(self, coroutine, *args, **kwargs)
        return created(_ready(self), task, coroutine)

    def run(self):
        ready = _ready(self)
        ready.start()
        try:
            run_forever(self)
        finally:
            ready.stop()

    for name, replace in (
        ("call_soon", soon),
        ("call_soon_threadsafe", threadsafe),
        ("call_later", later),
        ("call_at", at),
        ("create_task", create),
        ("run_forever", run),
    ):
        wrap(name, replace)
