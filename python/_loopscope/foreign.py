"""Records the tasks, wakes and timers of uvloop, whose ready queue and ticks cannot be seen.

Each callback that is given to the loop is wrapped. A queue of our own stands for the loop's: it
gains an entry with each call of `call_soon`, and loses it when the callback runs. Each step is a
tick.
"""

import sys
import threading
from types import SimpleNamespace

from . import first, wire
from .hooks import created
from .observe import after, wrap
from .ready import Ready
from .recorder import give_up, local, recorder
from .wire import FROM

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
                ready.recorder.flush()
        except Exception as error:
            give_up(error)


class _Timer:
    """The handle of a timer, which the program can cancel."""

    def __init__(self, ready, callback):
        self._ready, self._callback = ready, callback
        self.handle = None

    def __call__(self, *args):
        _arrive(self._ready, self._ready.timers.pop(id(self)), self._callback, args)

    def cancel(self):
        self._ready.cancel_timer(self)
        self.handle.cancel()

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
        cause = FROM | self._ready.recorder.text(self._thread) << 5
        _arrive(self._ready, cause, self._callback, args)


def _arrive(ready, cause, callback, args):
    """Runs a callback that does not pass through the loop's queue, after the event `cause`."""
    if ready.is_off():
        callback(*args)
        return
    ready.began = None  # The loop has waited.
    if len(ready) != len(ready.owners):
        ready.select(0)
    ready.out.append(cause)
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


def start(module):
    """Wraps what the loop of uvloop is given."""
    first.install()
    wire.missing.append(NOTE)
    print("loopscope: not recorded:", NOTE, file=sys.stderr)

    @wrap(module.Loop, "call_soon")
    def soon(original, self, callback, *args, **kwargs):
        return original(self, _Entry(_ready(self), callback), *args, **kwargs)

    @wrap(module.Loop, "call_soon_threadsafe")
    def threadsafe(original, self, callback, *args, **kwargs):
        ready = _ready(self)
        kind = _Entry if local.recorder is ready.recorder else _Arrival
        return original(self, kind(ready, callback), *args, **kwargs)

    @wrap(module.Loop, "call_later")
    def later(original, self, delay, callback, *args, **kwargs):
        ready = _ready(self)
        timer = _Timer(ready, callback)
        found = ready.set_timer(timer, ready.now() / 1e9 + max(0, delay))
        if args and hasattr(args[0], "_asyncio_future_blocking"):
            args[0]._loopscope = found
        timer.handle = original(self, delay, timer, *args, **kwargs)
        return timer

    @wrap(module.Loop, "call_at")
    def at(original, self, when, callback, *args, **kwargs):
        return self.call_later(when - self.time(), callback, *args, **kwargs)

    @after(module.Loop, "create_task")
    def create(task, loop, coro, **_):
        created(_ready(loop), task, coro)

    @wrap(module.Loop, "run_forever")
    def run(original, self):
        ready = _ready(self)
        ready.start()
        try:
            original(self)
        finally:
            ready.stop()
