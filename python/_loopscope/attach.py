"""Attaches the adapter to a program that runs already, and leaves the program as it was."""

import atexit
import gc
import sys
import time
from asyncio import all_tasks, base_events, events
from collections import deque
from selectors import EVENT_READ

from . import hooks, inner, wire
from .recorder import recorders
from .wire import EAGER, RUN, SCHEDULED, TICK, YIELD

#: The classes, modules and streams that the hooks may change, each with what it had before.
_before = []
_loops = []


def attach(path):
    """Records the loops that run, and each one that begins to run.

    loopscope runs this function in the other process with `sys.remote_exec`.
    """
    wire.path, wire.left = path, detach
    modules = [module for name, module in sys.modules.items() if name.startswith("asyncio")]
    classes = {thing for module in modules for thing in vars(module).values() if _is_class(thing)}
    for owner in (*modules, *classes, time, sys.stdout, sys.stderr):
        _before.append((owner, dict(getattr(owner, "__dict__", ()))))
    hooks.install()
    atexit.register(hooks.end)
    running = events._get_running_loop()
    for loop in _running_loops():
        _loops.append(loop)
        if loop is running:
            _begin(loop)
        else:
            # Another thread may be in the middle of a step.
            loop.call_soon_threadsafe(_begin, loop)


def _running_loops():
    """The loops that run, in any thread, and that have a selector."""
    objects = gc.get_objects()
    loops = [thing for thing in objects if issubclass(type(thing), base_events.BaseEventLoop)]
    return [loop for loop in loops if loop.is_running() and hasattr(loop, "_selector")]


def _is_class(thing):
    return isinstance(thing, type) and thing.__module__.startswith(("asyncio", "_asyncio"))


def _begin(loop):
    """Announces what a running loop has: its tasks and its timers."""
    ready = hooks._attach(loop)
    recorder = ready.recorder
    # A call of `select` that is under way may report a command, which asyncio then handles.
    nothing = events.Handle(bool, (), loop), None
    loop._selector.modify(recorder.wire.socket, EVENT_READ, nothing)
    tasks = sorted(all_tasks(loop), key=lambda task: (not _is_main(task), _age(task)))
    for task in tasks[:1]:
        recorder.spawn(task, -1)
    ready.start()
    # The tasks have suspended before. They are shown as if they had in a callback of this tick.
    now, callback = recorder.now(), next(recorder.callbacks)
    name = recorder.text("attach of loopscope")
    ready.out += (TICK, now, SCHEDULED | callback << 5, name, RUN | 1 << 5, ~callback << 5, now)
    queued = {id(getattr(handle._callback, "__self__", None)) for handle in ready}
    for task in tasks:
        number = recorder.task(task)
        if task._fut_waiter is not None:
            inner.eager(ready, task)
        elif id(task) not in queued:
            ready.out += (EAGER | number, YIELD)
    for handle in loop._scheduled:
        if not handle._cancelled:
            ready.set_timer(handle, handle._when)
    ready.find_lines()
    ready.out += (TICK, now)
    recorder.flush()


def _is_main(task):
    callbacks = (callback for callback, _ in task._callbacks or ())
    return base_events._run_until_complete_cb in callbacks


def _age(task):
    number = task.get_name().rpartition("-")[2]
    return int(number) if number.isdigit() else 0


def detach(at_once=False):
    """Leaves the program as it was: the loop of this thread at once, or else when it is between two
    entries; those of other threads as soon as they are."""
    wire.left = None
    running = events._get_running_loop()
    for recorder in recorders:
        recorder.close()
    if at_once or not _loops:
        _restore_hooks()
    for loop in _loops:
        if at_once and loop is running:
            _restore(loop)
        elif not loop.is_closed():
            loop.call_soon_threadsafe(_restore, loop)


def _restore_hooks():
    if not _before:
        return
    atexit.unregister(hooks.end)
    for owner, before in _before:
        now = dict(getattr(owner, "__dict__", ()))
        for name in [name for name in now if now[name] is not before.get(name)]:
            if name in before:
                setattr(owner, name, before[name])
            else:
                delattr(owner, name)
    classes = tuple(owner for owner, _ in _before if isinstance(owner, type))
    for thing in gc.get_objects():
        if issubclass(type(thing), classes):
            try:
                del thing._loopscope
            except AttributeError:
                pass
    _before.clear()


def _restore(loop):
    _restore_hooks()
    if not isinstance(loop._ready, hooks.Quiet):
        return
    paused = loop._ready.recorder.paused / 1e9
    if paused > 0.001:
        # The time continues without the pauses, so that timers keep their distance.
        loop.time = lambda: type(loop).time(loop) - paused
    vars(loop._selector).pop("select", None)
    loop._ready = deque(loop._ready)
