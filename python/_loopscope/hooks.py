"""Installs the adapter in asyncio."""

import atexit
import functools
import os
import sys
import threading
from asyncio import base_events, futures, locks, queues

from . import clock, output, waits
from . import recorder as recorders
from .clock import now_ns
from .ready import DETAIL, Ready, name_of
from .recorder import IO, ON_TIMER, OPERATION, TIMER, WAIT, recorder

# What is done to a resource.
SENT, RECEIVED, ACQUIRED, RELEASED, SET, CLEARED = range(6)

_Loop = base_events.BaseEventLoop
_OWN = {
    function.__code__
    for name in ("shutdown_asyncgens", "shutdown_default_executor")
    if (function := getattr(_Loop, name, None)) is not None
}


def install():
    clock.install()
    _loops()
    _tasks_and_timers()
    _threads()
    if DETAIL:
        _resources()
    output.install()
    atexit.register(_end)
    if hasattr(os, "register_at_fork"):
        os.register_at_fork(after_in_child=_forked)


def _wrap(owner, name):
    """Replaces a method by a function that gets the original first."""

    def replace(function):
        original = getattr(owner, name)

        @functools.wraps(original)
        def wrapper(*args, **kwargs):
            return function(original, *args, **kwargs)

        setattr(owner, name, wrapper)
        return function

    return replace


def _ready(loop):
    ready = loop._ready
    return ready if ready.__class__ is Ready else None


def _attach(loop):
    """Makes a loop that is about to run a recorded one."""
    ready = _ready(loop)
    recording = recorder()
    if ready is None:
        ready = loop._ready = Ready(loop, recording)
        _hook_select(loop._selector, ready)
    return ready


def _hook_select(selector, ready):
    select = clock.jumping(selector.select) if clock.IS_VIRTUAL else selector.select
    control = ready.recorder.control
    connection = ready.recorder.wire.socket
    try:
        selector.register(connection, 1, None)
    except (ValueError, KeyError, OSError):
        connection = None

    def hooked(timeout=None):
        if ready.off:
            return select(timeout)
        try:
            ready.before_select(timeout)
        except Exception as error:
            recorders.give_up(error)
        if not timeout and timeout is not None:
            found = select(timeout)
            if connection is None or not found:
                return found
            return [entry for entry in found if entry[0].fileobj is not connection]
        until = None if timeout is None else now_ns() - ready.paused + int(timeout * 1e9)
        while True:
            found = select(timeout)
            entries = [entry for entry in found if entry[0].fileobj is not connection]
            if len(entries) != len(found):
                ready.recorder.pause(control.obey(True, now_ns() - ready.paused))
                ready.check_at = 0
                if ready.recorder.wire.socket is None:
                    selector.unregister(connection)
                if until is not None:
                    timeout = max(0, until - now_ns() + ready.paused) / 1e9
                if not entries and timeout != 0:
                    continue
            ready.woke()
            return entries

    selector.select = hooked


def _loops():
    # `run_forever` calls this method when it begins and when it ends. A wrapper around `run_forever`
    # itself would be in the program's tracebacks.
    @_wrap(_Loop, "_set_coroutine_origin_tracking")
    def begin_or_end(original, self, enabled):
        original(self, enabled)
        if hasattr(self, "_selector"):
            ready = _attach(self)
            if ready.is_running:
                ready.stop()
            else:
                ready.start()

    def time(self):
        running = _ready(self)
        return _time(self) - (running.recorder.paused / 1e9 if running is not None else 0)

    _time = clock.time_of(_Loop)
    _Loop.time = time


def _tasks_and_timers():
    @_wrap(_Loop, "create_task")
    def create_task(original, self, coroutine, *args, **kwargs):
        task = original(self, coroutine, *args, **kwargs)
        ready = _attach(self) if hasattr(self, "_selector") else None
        if ready is None or ready.off:
            return task
        if getattr(coroutine, "cr_code", None) in _OWN and not ready.is_running:
            # `asyncio.run` ends with two tasks of its own, which are not the program's.
            ready.off = True
            return task
        try:
            recording = ready.recorder
            if getattr(task, "_loopscope", None) is None:
                recording.spawn(task, recording.caller(), coroutine)
                # An eager task has taken its first step in its creation.
                if task.done() or task._fut_waiter is not None:
                    recording.eager(task)
        except Exception as error:
            recorders.give_up(error)
        return task

    @_wrap(_Loop, "call_at")
    def call_at(original, self, when, callback, *args, **kwargs):
        if clock.IS_VIRTUAL:
            when = clock.Deadline(round(when, 9))
        handle = original(self, when, callback, *args, **kwargs)
        ready = _ready(self)
        if ready is not None and not ready.off:
            recording = ready.recorder
            number = ready.timers[id(handle)] = next(recording.timers)
            task = -1 if ready.task is None else ready.task._loopscope >> 5
            ready.out += (TIMER | number << 5, int(when * 1e9), task)
            if callback is futures._set_result_unless_cancelled:
                args[0]._loopscope = (WAIT | number << 5, ON_TIMER)
        return handle

    @_wrap(_Loop, "_timer_handle_cancelled")
    def cancelled(original, self, handle):
        original(self, handle)
        ready = _ready(self)
        if ready is not None:
            ready.cancel_timer(handle)


def _threads():
    @_wrap(_Loop, "call_soon_threadsafe")
    def call_soon_threadsafe(original, self, callback, *args, **kwargs):
        ready = _ready(self)
        if ready is not None and recorders.current() is not ready.recorder:
            # Before the loop can see the entry.
            ready.threads[id(callback)] = threading.current_thread().name
        return original(self, callback, *args, **kwargs)

    @_wrap(_Loop, "run_in_executor")
    def run_in_executor(original, self, executor, function, *args):
        future = original(self, executor, function, *args)
        recording = recorders.current()
        if recording is not None:
            target = function
            if getattr(function, "args", None) and name_of(function).endswith("Context.run"):
                target = function.args[0]
            name = name_of(target)
            number = recording.resource(None, waits.POOL, name, recording.caller())
            future._loopscope = (WAIT | number << 5, IO)
        return future


def _resources():
    try:
        from asyncio import mixins
    except ImportError:
        mixins = None
    if mixins is not None:
        wait = mixins._LoopBoundMixin._get_loop

        def _get_loop(self):
            recording = recorders.current()
            if recording is not None:
                recording.about_to_wait = self
            return wait(self)

        mixins._LoopBoundMixin._get_loop = _get_loop
    for owner in (locks.Lock, locks.Semaphore, locks.Event, locks.Condition, queues.Queue):
        _note_creation(owner)
    locks.Lock._locked = _Watched("_locked", _lock)
    locks.Semaphore._value = _Watched("_value", _semaphore)
    _event()
    for owner in (queues.Queue, queues.LifoQueue, queues.PriorityQueue):
        _queue(owner)


def _note_creation(owner):
    @_wrap(owner, "__init__")
    def created(original, self, *args, **kwargs):
        frame = sys._getframe(2)
        while frame is not None and not recorders.is_program(frame.f_code.co_filename):
            frame = frame.f_back
        if frame is not None:
            self._loopscope = (frame.f_code, frame.f_lasti, frame.f_lineno)
        original(self, *args, **kwargs)
        # The event of `Queue.join` changes with each put: the queue's own operations tell that.
        if hasattr(self, "_finished"):
            self._finished.__class__ = _UnwatchedEvent


class _Watched:
    """An attribute whose changes are recorded."""

    def __init__(self, name, changed):
        self.name = name
        self.changed = changed

    def __get__(self, owner, kind=None):
        return self if owner is None else owner.__dict__[self.name]

    def __set__(self, owner, value):
        before = owner.__dict__.get(self.name)
        owner.__dict__[self.name] = value
        if before is not None:
            recording = recorders.current()
            if recording is not None and recording.ready is not None:
                try:
                    self.changed(owner, before, value, recording)
                except Exception as error:
                    recorders.give_up(error)


def _lock(lock, before, value, recording):
    if before != value:
        number = waits.number_of(lock, recording)
        recording.out += (OPERATION | number << 5, ACQUIRED if value else RELEASED, int(not value), -1)


def _semaphore(semaphore, before, value, recording):
    number = getattr(semaphore, "_loopscope", None)
    if number.__class__ is not int:
        semaphore.__dict__["_value"] = before
        number = waits.number_of(semaphore, recording)
        semaphore.__dict__["_value"] = value
    task = -1
    if value < before and sys._getframe(2).f_code.co_name == "_wake_next":
        task = _first_waiter(semaphore)
    operation = ACQUIRED if value < before else RELEASED
    recording.out += (OPERATION | number << 5, operation, value, task)


def _first_waiter(semaphore):
    """The task to which a permit is handed, because it is the first that waits for one."""
    for waiter in semaphore._waiters or ():
        if not waiter.done():
            for callback, _ in waiter._callbacks or ():
                return getattr(getattr(callback, "__self__", None), "_loopscope", -32) >> 5
    return -1


class _UnwatchedEvent(locks.Event):
    """An event whose changes are not recorded."""

    set = locks.Event.set
    clear = locks.Event.clear


def _event():
    def watch(name, value):
        change = getattr(locks.Event, name)

        @functools.wraps(change)
        def changed(self):
            was = self._value
            change(self)
            recording = recorders.current()
            if was != value and recording is not None and recording.ready is not None:
                number = waits.number_of(self, recording)
                operation = SET if value else CLEARED
                recording.out += (OPERATION | number << 5, operation, int(value), -1)

        setattr(locks.Event, name, changed)

    watch("set", True)
    watch("clear", False)


def _queue(owner):
    put, get = owner._put, owner._get

    @functools.wraps(put)
    def _put(self, item):
        put(self, item)
        _used(self, SENT)

    @functools.wraps(get)
    def _get(self):
        item = get(self)
        _used(self, RECEIVED)
        return item

    owner._put, owner._get = _put, _get


def _used(queue, operation):
    recording = recorders.current()
    if recording is not None and recording.ready is not None:
        number = getattr(queue, "_loopscope", None)
        if number.__class__ is not int:
            number = waits.number_of(queue, recording)
        recording.out += (OPERATION | number << 5, operation, len(queue._queue), -1)


def _end():
    for recording in recorders.recorders:
        recording.flush()
        recording.wire.close()


def _forked():
    """A child process is a run of its own: what it inherited of its parent's is not recorded."""
    for recording in recorders.recorders:
        snapshots = recording.control.snapshots
        if snapshots is not None and snapshots.is_forking:
            return
    for recording in recorders.recorders:
        if recording.ready is not None:
            recording.ready.off = True
        recording.wire.close()
    recorders.recorders.clear()
