"""Installs the adapter in asyncio."""

import os
import sys
import threading
import warnings
from asyncio import base_events, events, futures, tasks

from . import objects, output, resources, wire
from . import recorder as recorders
from .observe import after, wrap
from .parts import failures, inner, jobs, operations, virtual
from .places import program_frame
from .ready import Quiet, Ready
from .recorder import give_up, local, recorder
from .settings import CAUSES, DETAIL, EVERYTHING, IS_VIRTUAL, TICKS, WAITS

_Loop = base_events.BaseEventLoop
#: The tasks that `asyncio.run` ends with, which are not the program's.
_OWN = ("shutdown_asyncgens", "shutdown_default_executor")


def install():
    """Installs the parts of the adapter, and says what is lost without one that cannot be installed.

    The private names of CPython are looked at once, here.
    """
    if not getattr(sys, "_is_gil_enabled", lambda: True)():
        print("loopscope: a free-threaded interpreter is not recorded", file=sys.stderr)
        return
    for words, detail, part in (
        ("event loops", TICKS, _loops),
        ("tasks", TICKS, _tasks),
        ("failures and what nothing awaits", TICKS, _failures),
        ("timers", CAUSES, _timers),
        ("wakes by threads", CAUSES, _threads),
        ("output", CAUSES, output.install),
        ("where objects are created", WAITS, objects.install),
        ("the objects that tasks wait for", WAITS, resources.install_waits),
        ("connections", WAITS, resources.install_connections),
        ("holders of locks and lengths of queues", EVERYTHING, _operations),
    ):
        if DETAIL >= detail:
            _install(words, part)


def _install(words, part):
    try:
        part()
    except AttributeError as error:
        wire.missing.append(words)
        print(f"loopscope: {words} are not recorded: {error}", file=sys.stderr)


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
        select = selector.select
        ready.plain_select = virtual.jumping(select) if IS_VIRTUAL else select
        ready.connection = ready.recorder.wire.watch(selector)
        selector.select = ready.select
    return ready


def _loops():
    # `run_forever` calls this method when it begins and when it ends. A wrapper around
    # `run_forever` itself would be in the program's tracebacks. `set_debug` calls it while the loop
    # runs.
    @after(_Loop, "_set_coroutine_origin_tracking")
    def begin_or_end(_, loop, enabled):
        if hasattr(loop, "_selector") and events._get_running_loop() is not loop:
            ready = _attach(loop)
            (ready.stop if ready.is_running else ready.start)()

    if IS_VIRTUAL:
        virtual.install()
    os.register_at_fork(before=_forks, after_in_child=_forked)


def created(ready, task, coroutine):
    """Records the creation of a task."""
    if ready.is_off():
        return
    if getattr(coroutine, "__name__", None) in _OWN and not ready.is_running:
        ready.turn_off()
    elif getattr(task, "_loopscope", None) is None:
        recording = ready.recorder
        recording.spawn(task, recording.caller(), coroutine)
        # An eager task has taken its first step in its creation.
        if task.done() or task._fut_waiter is not None:
            inner.eager(ready, task)


def _tasks():
    @after(_Loop, "create_task")
    def create_task(task, loop, coro, **_):
        kind = type(loop)
        # The loops of qasync replace both: they leave callbacks to Qt, and the queue stays empty.
        is_usual = kind.run_forever is _Loop.run_forever or kind.call_soon is _Loop.call_soon
        if is_usual and hasattr(loop, "_selector"):
            created(_attach(loop), task, coro)

    # Before 3.13 a name is given after the creation.
    if hasattr(tasks, "_set_task_name"):

        @after(tasks, "_set_task_name")
        def set_task_name(_, task, name):
            if local.recorder is not None and hasattr(task, "_loopscope"):
                local.recorder.rename(task)


def _failures():
    """Notes coroutines that are dropped before they were awaited, and pending tasks that are freed."""

    @wrap(warnings, "_warn_unawaited_coroutine")
    def warn(original, coroutine):
        recording = local.recorder
        if recording is not None:
            try:
                failures.unawaited(coroutine, recording, program_frame(sys._getframe(1)))
            except Exception as error:
                give_up(error)
        original(coroutine)

    # The warning names the caller of the original. For that, `warnings` skips the frames of the
    # import system, which it knows by the name of their file.
    for function in (warn, warnings._warn_unawaited_coroutine):
        function.__code__ = function.__code__.replace(co_filename="<frozen importlib._bootstrap>")

    @after(_Loop, "call_exception_handler")
    def called(_, loop, context):
        task, recording = context.get("task"), local.recorder
        is_destroyed = context.get("message", "").startswith("Task was destroyed")
        if is_destroyed and recording is not None and hasattr(task, "_loopscope"):
            failures.freed(task, recording)


def _timers():
    @after(_Loop, "call_at")
    def call_at(handle, loop, when, callback, *args, **_):
        ready = _ready(loop)
        if ready is not None:
            found = ready.set_timer(handle, handle._when)
            if callback is futures._set_result_unless_cancelled:
                args[0]._loopscope = found
            if sys.exc_info()[1] is not None and ready.task is not None:
                failures.handled(ready)

    @after(_Loop, "_timer_handle_cancelled")
    def cancelled(_, loop, handle):
        ready = _ready(loop)
        if ready is not None:
            ready.cancel_timer(handle)


def _threads():
    @wrap(_Loop, "call_soon_threadsafe")
    def call_soon_threadsafe(original, self, callback, *args, **kwargs):
        ready = _ready(self)
        if ready is not None and local.recorder is not ready.recorder:
            # Before the loop can see the entry.
            ready.threads[id(callback)] = threading.current_thread().name
        return original(self, callback, *args, **kwargs)

    @wrap(_Loop, "run_in_executor")
    def run_in_executor(original, *args, **kwargs):
        recording, submitted = local.recorder, None
        try:
            submitted = recording and jobs.submitted
        except ImportError:
            pass  # loopscope has gone with its files.
        future = original(*args, **kwargs)
        if submitted is not None:
            submitted(recording, future, *args, **kwargs)
        return future


def _operations():
    words = "holders of locks and lengths of queues"
    objects.with_first(lambda: _install(words, operations.install))


def end():
    """The program ends."""
    for recording in recorders.recorders:
        recording.flush()
        recording.close()


def _forks():
    """A process with a second thread would be warned of the fork."""
    for recording in recorders.recorders:
        recording.watchdog.stop()


def _forked():
    """A child process is a run of its own: what it inherited of its parent's is not recorded."""
    found = [recording.control.snapshots for recording in recorders.recorders]
    if any(snapshots is not None and snapshots.is_forking for snapshots in found):
        return
    for recording in recorders.recorders:
        recording.close()
    recorders.recorders.clear()
