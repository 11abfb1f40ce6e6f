"""Installs the adapter in asyncio."""

import atexit
import functools
import os
import sys
import threading
from asyncio import base_events, events, futures, tasks

from . import clock, failures, load, output, resources, streams, wire
from . import recorder as recorders
from .ready import Quiet, Ready, name_of
from .recorder import give_up, local, recorder
from .wire import (
    CANCELLED, CAUSES, DETAIL, EVERYTHING, FIRED, IO, ON_TIMER, POOL, TICKS, TIMER, WAIT, WAITS,
)  # fmt: skip

if clock.IS_VIRTUAL:
    from . import virtual

_Loop = base_events.BaseEventLoop
#: The tasks that `asyncio.run` ends with, which are not the program's.
_OWN = ("shutdown_asyncgens", "shutdown_default_executor")


def install():
    """Installs the parts of the adapter, and says what is lost without each that cannot be installed.

    The private names of CPython are looked at once, here.
    """
    if not getattr(sys, "_is_gil_enabled", lambda: True)():
        print("loopscope: a free-threaded interpreter is not recorded", file=sys.stderr)
        return
    for words, detail, installer in (
        ("event loops", TICKS, _loops),
        ("tasks", TICKS, _tasks),
        ("coroutines that nothing awaits", TICKS, failures.install),
        ("tasks that are destroyed", TICKS, failures.install_destroyed),
        ("timers", CAUSES, _timers),
        ("wakes by threads", CAUSES, _threads),
        ("output", CAUSES, output.install),
        ("the ends of connections", WAITS, streams.install),
        ("waits for a thread of a pool", EVERYTHING, load.install_jobs),
        ("bytes that wait to be sent", EVERYTHING, load.install_buffers),
        ("the objects that tasks wait for", WAITS, resources.install_waits),
        ("holders of locks and lengths of queues", EVERYTHING, resources.install_operations),
    ):
        if DETAIL >= detail:
            try:
                installer()
            except AttributeError as error:
                wire.missing.append(words)
                print(f"loopscope: {words} are not recorded: {error}", file=sys.stderr)


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
    """The ready queue of a loop that is recorded now."""
    ready = getattr(loop, "_ready", None)
    return ready if ready.__class__ is Ready else None


def _attach(loop):
    """Makes a loop that is about to run a recorded one."""
    ready = loop._ready
    if not isinstance(ready, Quiet):
        ready = loop._ready = Ready(loop, recorder())
        selector = loop._selector
        ready.plain_select = selector.select
        if clock.IS_VIRTUAL:
            ready.plain_select = virtual.jumping(selector.select)
        ready.connection = ready.recorder.wire.watch(selector)
        selector.select = ready.select
    return ready


def _loops():
    # `run_forever` calls this method when it begins and when it ends. A wrapper around `run_forever`
    # itself would be in the program's tracebacks. `set_debug` calls it while the loop runs.
    @_wrap(_Loop, "_set_coroutine_origin_tracking")
    def begin_or_end(original, self, enabled):
        original(self, enabled)
        if hasattr(self, "_selector") and events._get_running_loop() is not self:
            ready = _attach(self)
            (ready.stop if ready.is_running else ready.start)()

    if clock.IS_VIRTUAL:
        virtual.install()
    atexit.register(_end)
    if hasattr(os, "register_at_fork"):
        os.register_at_fork(before=_forks, after_in_child=_forked)


def created(ready, task, coroutine):
    """Records the creation of a task, and returns the task."""
    if ready.is_off():
        return task
    if getattr(coroutine, "__name__", None) in _OWN and not ready.is_running:
        ready.turn_off()
        return task
    try:
        recording = ready.recorder
        if getattr(task, "_loopscope", None) is None:
            recording.spawn(task, recording.caller(), coroutine)
            # An eager task has taken its first step in its creation.
            if task.done() or task._fut_waiter is not None:
                ready.eager(task)
    except Exception as error:
        give_up(error)
    return task


def _tasks():
    @_wrap(_Loop, "create_task")
    def create_task(original, self, coroutine, *args, **kwargs):
        task = original(self, coroutine, *args, **kwargs)
        return created(_attach(self), task, coroutine) if hasattr(self, "_selector") else task


    # Before 3.13 a name is given after the creation.
    if hasattr(tasks, "_set_task_name"):

        @_wrap(tasks, "_set_task_name")
        def set_task_name(original, task, name):
            original(task, name)
            if local.recorder is not None and hasattr(task, "_loopscope"):
                local.recorder.rename(task)


def _timers():
    @_wrap(_Loop, "call_at")
    def call_at(original, self, when, callback, *args, **kwargs):
        if clock.IS_VIRTUAL:
            when = virtual.Deadline(round(when, 9))
        handle = original(self, when, callback, *args, **kwargs)
        ready = _ready(self)
        if ready is not None:
            number = next(ready.recorder.timers) << 5
            ready.timers[id(handle)] = FIRED | number
            task = -1 if ready.task is None else ready.task._loopscope >> 5
            ready.out += (TIMER | number, int(when * 1e9), task)
            if callback is futures._set_result_unless_cancelled:
                args[0]._loopscope = (WAIT | number, ON_TIMER)
        return handle

    @_wrap(_Loop, "_timer_handle_cancelled")
    def cancelled(original, self, handle):
        original(self, handle)
        ready = _ready(self)
        if ready is not None:
            number = ready.timers.pop(id(handle), None)
            if number is not None:
                ready.out.append(number & ~31 | CANCELLED)


def _threads():
    @_wrap(_Loop, "call_soon_threadsafe")
    def call_soon_threadsafe(original, self, callback, *args, **kwargs):
        ready = _ready(self)
        if ready is not None and local.recorder is not ready.recorder:
            # Before the loop can see the entry.
            ready.threads[id(callback)] = threading.current_thread().name
        return original(self, callback, *args, **kwargs)

    @_wrap(_Loop, "run_in_executor")
    def run_in_executor(original, self, executor, function, *args):
        future = original(self, executor, function, *args)
        recording = local.recorder
        if recording is not None:
            target = function
            if getattr(function, "args", None) and name_of(function).endswith("Context.run"):
                target = function.args[0]
            number = recording.resource(None, POOL, name_of(target), recording.caller())
            future._loopscope = (WAIT | number, IO)
            load.submitted(recording, number)
        return future


def _end():
    for recording in recorders.recorders:
        recording.flush()
        recording.close()


def _forks():
    """A process with a second thread would be warned of the fork."""
    for recording in recorders.recorders:
        recording.unwatch()


def _forked():
    """A child process is a run of its own: what it inherited of its parent's is not recorded."""
    for recording in recorders.recorders:
        snapshots = recording.control.snapshots
        if snapshots is not None and snapshots.is_forking:
            return
    for recording in recorders.recorders:
        recording.leave()
    recorders.recorders.clear()
