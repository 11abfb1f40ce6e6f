"""Finds what a task waits for inside a function of asyncio, such as that of a socket or a thread.

It is loaded with the first wait for anything else than a timer, a task, a lock, a queue or an
event.
"""

import asyncio
import gc
import linecache
import os
import re
from asyncio import Future, tasks

from .names import OWNERS, group, number_of, resource
from .places import is_program
from .recorder import give_up
from .waits import TASKS, chain, describe
from .wire import (
    ACQUIRE, ALL, ANY, ASLEEP, FUTURE, IO, JOIN, ON_TIMER, OPERATION, OTHER_IO, RECEIVE, SEND, SET, WAIT,
)  # fmt: skip

#: The value of an operation that has not woken the loop.
UNNOTICED = 2

_ASYNCIO = os.path.dirname(asyncio.__file__) + os.sep
#: The local variables of asyncio's functions that can hold what is waited for.
_AWAITED_VARIABLES = ("sock", "transport", "transp", "pipe", "self")
_AWAITED = r".*\bawait\s+([A-Za-z_][\w.]*)\s*(?:$|[,)\]:#])"


def look(frames, iterator, waiter, recorder):
    """What a future stands for, by the frames of the task. `iterator` is that of `as_completed`."""
    if iterator:
        return _as_completed(iterator.f_locals, waiter, recorder)
    known = getattr(waiter, "_loopscope", None)
    if known.__class__ is tuple:  # Another task waits for it as well.
        return known
    found = _by_function(frames, waiter, recorder)
    try:
        waiter._loopscope = found
    except AttributeError:
        pass  # A future of another library.
    return found


def _by_function(frames, waiter, recorder):
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
    if isinstance(shielded, TASKS):
        return (JOIN | recorder.task(shielded),)
    awaited = line and re.match(_AWAITED, line)
    name = awaited.group(1) if awaited else type(waiter).__name__
    return WAIT | resource(recorder, waiter, FUTURE, name), ACQUIRE


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
        is_task = isinstance(awaited, TASKS)
        return (JOIN | recorder.task(awaited),) if is_task else getattr(awaited, "_loopscope", None)
    if name in ("acquire", "wait", "get", "put") and isinstance(owner, OWNERS):
        kind = {"get": RECEIVE, "put": SEND}.get(name, ACQUIRE)
        return WAIT | number_of(owner, recorder), kind
    for variable in _AWAITED_VARIABLES:
        owner = variables.get(variable)
        if owner is not None:
            # The reader knows from the name of the function what it waits for.
            label = f"{type(owner).__name__}.{name}"
            return WAIT | resource(recorder, owner, OTHER_IO, label), IO
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


def inside(awaited):
    """The coroutine or generator in an object that `async for`, `anext` or `__await__` has made."""
    if isinstance(awaited, Future) or hasattr(awaited, "cr_frame"):
        return None
    for found in gc.get_referents(awaited):
        if getattr(found, "cr_frame", getattr(found, "ag_frame", getattr(found, "gi_frame", None))):
            return found
    return None


def woken_from_outside(ready, selected):
    """Records what has become ready while the loop waited to its deadline, and did not wake the loop.

    Another thread has set it, or a signal handler, without `call_soon_threadsafe`. If the loop was woken by
    what its selector has found, this is known of a task that is being cancelled: its wait was over before.
    """
    for index in range(len(ready.owners) - len(ready), 0):
        callback = ready[index]._callback
        task = getattr(callback, "__self__", None)
        if not isinstance(task, TASKS) or id(callback) in ready.threads:
            continue
        waiter = task._fut_waiter
        if waiter is None or selected and not getattr(task, "_must_cancel", False):
            continue
        found = getattr(waiter, "_loopscope", None)
        if found is None:
            found = look(list(chain(task)), None, waiter, ready.recorder)
        if found.__class__ is tuple and len(found) == 2 and found[1] != ON_TIMER:
            ready.out += (OPERATION | found[0] & ~31, SET, UNNOTICED, -1)


def describe_now(task, waiter, ready):
    """Records what a task waits for that has just suspended, and returns it.

    A wait that ends in the next tick would not be described later.
    """
    ready.yields -= 1
    ready.asleep.pop(task, None)
    found = describe(task, waiter, (), ready.recorder)
    ready.out += (ASLEEP | task._loopscope, *found)
    return found


def send_now(recorder):
    """Sends what a step has recorded so far."""
    try:
        recorder.flush()
    except Exception as error:
        give_up(error)
