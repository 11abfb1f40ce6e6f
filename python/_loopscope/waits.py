"""Finds what a task waits for, and where."""

import asyncio
import gc
import linecache
import os
import re
from asyncio import Future, Task, locks, queues, tasks

from .places import is_program
from .wire import (
    ACQUIRE, ALL, ANY, BARRIER, CHANNEL, EVENT, FUTURE, GROUP, IO, JOIN, LOCK, ON_TASK, OTHER_IO,
    RECEIVE, SEMAPHORE, SEND, WAIT,
)  # fmt: skip

_ASYNCIO = os.path.dirname(asyncio.__file__) + os.sep
#: The local variables of asyncio's functions that can hold what is waited for.
_AWAITED_VARIABLES = ("sock", "transport", "transp", "pipe", "self")
_AWAITED = r".*\bawait\s+([A-Za-z_][\w.]*)\s*(?:$|[,)\]:#])"


class JoinEvent(locks.Event):
    """The event of `Queue.join`. It changes with each put, which the queue's own operations tell."""

    set = locks.Event.set
    clear = locks.Event.clear


class BarrierCondition(locks.Condition):
    """The condition of a barrier."""


#: The classes of which a waiting object may be: the kind of the resource, and its name.
_CLASSES = (
    (queues.Queue, CHANNEL, None),
    (locks.Semaphore, SEMAPHORE, None),
    (locks.Lock, LOCK, "Lock"),
    (JoinEvent, EVENT, "Queue.join"),
    (BarrierCondition, BARRIER, "Barrier"),
    (locks.Condition, EVENT, "Condition"),
    (locks.Event, EVENT, "Event"),
)
_OWNERS = tuple(entry[0] for entry in _CLASSES)


def number_of(owner, recorder):
    """The number of a lock, a queue, an event, shifted."""
    number = getattr(owner, "_loopscope", None)
    if number.__class__ is int:
        return number
    kind, name = next(entry[1:] for entry in _CLASSES if isinstance(owner, entry[0]))
    limit = 1 if kind == LOCK else 0
    if kind == CHANNEL:
        limit = max(owner._maxsize, 0)
    elif kind == SEMAPHORE:
        limit = max(owner._value, 0)
    return recorder.resource(owner, kind, name or type(owner).__name__, -1, limit)


def mark(waiter, recorder):
    """The numbers of the event that says what a future stands for, as far as that is known without a
    look at the task's frames."""
    owner, recorder.about_to_wait = recorder.about_to_wait, None
    if isinstance(waiter, Task):
        return (JOIN | recorder.task(waiter),)
    if owner is not None:
        kind = ACQUIRE
        if isinstance(owner, queues.Queue):
            putters = owner._putters
            kind = SEND if putters and putters[-1] is waiter else RECEIVE
        return WAIT | number_of(owner, recorder), kind
    if isinstance(waiter, tasks._GatheringFuture):
        waiter._loopscope = group(waiter._children, ALL, "gather", recorder)
        return waiter._loopscope
    return ()


def group(members, mode, name, recorder):
    """Announces a group of tasks that are awaited together."""
    number = recorder.resource(None, GROUP, name, recorder.caller())
    recorder.announce_members(number, (task for task in members if isinstance(task, Task)))
    return WAIT | number, mode


def describe(task, waiter, found, recorder):
    """What a suspended task waits for, and where: the kind, the number and the place."""
    frames = list(chain(task))
    iterator = [frame for frame in frames if frame.f_code.co_name == "_wait_for_one"]
    if iterator:
        found = _as_completed(iterator[-1].f_locals, waiter, recorder)
    elif not found:
        found = by_function(frames, waiter, recorder)
        try:
            waiter._loopscope = found
        except AttributeError:
            pass  # A future of another library.
    kind = found[1] if len(found) == 2 else ON_TASK
    return kind, found[0] >> 5, place(frames, recorder)


def place(frames, recorder):
    """The place of the program at which the innermost of some frames is."""
    found, last = -1, -1
    for frame in frames:
        last = recorder.frame_place(frame, last)
        if is_program(frame.f_code.co_filename):
            found = last
    return found if found >= 0 else last


def by_function(frames, waiter, recorder):
    """What a future stands for, by the function of asyncio that waits for it."""
    line = ""
    for frame in reversed(frames):
        code = frame.f_code
        if is_program(code.co_filename):
            line = linecache.getline(code.co_filename, frame.f_lineno or 0)
            break
        if code.co_filename.startswith(_ASYNCIO):
            found = _by_frame(code.co_name, code, frame.f_locals, recorder)
            if found is not None:
                return found
    # What `asyncio.shield` waits for, if it has made this future.
    shielded = _enclosed(waiter, "_outer_done_callback", "inner")
    if isinstance(shielded, Task):
        return (JOIN | recorder.task(shielded),)
    awaited = re.match(_AWAITED, line)
    name = awaited.group(1) if awaited else type(waiter).__name__
    return WAIT | recorder.resource(waiter, FUTURE, name), ACQUIRE


def _by_frame(name, code, variables, recorder):
    """What a function of asyncio waits for; `None` if that is not known."""
    owner = variables.get("self")
    if name == "_wait" and "return_when" in variables:
        every = variables["return_when"] == tasks.ALL_COMPLETED
        return group(variables.get("fs", ()), ALL if every else ANY, "wait", recorder)
    # `_aexit` from 3.14 on.
    if name in ("__aexit__", "_aexit") and "propagate_cancellation_error" in code.co_varnames:
        return group(owner._tasks, ALL, "TaskGroup", recorder)
    if name in ("wait_for", "_cancel_and_wait") and isinstance(variables.get("fut"), Future):
        awaited = variables["fut"]
        is_task = isinstance(awaited, Task)
        return (JOIN | recorder.task(awaited),) if is_task else getattr(awaited, "_loopscope", None)
    if name in ("acquire", "wait", "get", "put") and isinstance(owner, _OWNERS):
        kind = {"get": RECEIVE, "put": SEND}.get(name, ACQUIRE)
        return WAIT | number_of(owner, recorder), kind
    for variable in _AWAITED_VARIABLES:
        owner = variables.get(variable)
        if owner is not None:
            # The reader knows from the name of the function what it waits for.
            label = f"{type(owner).__name__}.{name}"
            return WAIT | recorder.resource(owner, OTHER_IO, label), IO
    return None


def _as_completed(variables, waiter, recorder):
    """The group of `as_completed`, which waits for a queue of its own."""
    iterator = variables.get("self")
    queue = variables["done"] if iterator is None else iterator._done
    found = getattr(queue, "_loopscope_group", None)
    if found is None:
        if iterator is None:  # Before 3.13.
            known = asyncio.all_tasks(waiter.get_loop())
            members = [task for task in known if _enclosed(task, "_on_completion", "done") is queue]
        else:
            members = iterator._todo
        found = queue._loopscope_group = group(members, ANY, "as_completed", recorder)
    return found


def _enclosed(waiter, function, name):
    """A variable that a callback of a future, a function of asyncio inside another, refers to."""
    for callback, _ in getattr(waiter, "_callbacks", None) or ():
        if getattr(callback, "__name__", None) == function:
            return callback.__closure__[callback.__code__.co_freevars.index(name)].cell_contents
    return None


def chain(task):
    """The frames of a suspended task, outermost first."""
    awaited = task.get_coro()
    while awaited is not None:
        for prefix, inner in (("cr", "cr_await"), ("gi", "gi_yieldfrom"), ("ag", "ag_await")):
            frame = getattr(awaited, prefix + "_frame", None)
            if frame is not None:
                yield frame
                awaited = getattr(awaited, inner, None)
                break
        else:
            awaited = _inside(awaited)


def _inside(awaited):
    """The coroutine or generator in an object that `async for`, `anext` or `__await__` has made."""
    if isinstance(awaited, Future) or hasattr(awaited, "cr_frame"):
        return None
    for found in gc.get_referents(awaited):
        if getattr(found, "cr_frame", getattr(found, "ag_frame", getattr(found, "gi_frame", None))):
            return found
    return None
