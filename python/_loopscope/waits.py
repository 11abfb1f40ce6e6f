"""Finds what a task waits for, and where."""

import gc
import linecache
import re
from asyncio import Future, Task, locks, queues, tasks

from .recorder import is_program
from .wire import (
    ACQUIRE, ALL, ANY, BARRIER, CHANNEL, CHILD, EVENT, FUTURE, GROUP, IO, LISTENER, LOCK, ON_TASK,
    OTHER_IO, RECEIVE, SEMAPHORE, SEND, STREAM, WAIT,
)  # fmt: skip

#: What asyncio's own functions wait for: the kind of the resource, its name (of several, the one for
#: the class of the object), and the local variable that holds the object that is waited for.
_FUNCTIONS = {
    "_wait_for_data": (STREAM, "StreamReader", "self"),
    "_drain_helper": (STREAM, "StreamWriter.drain", "self"),
    "wait_closed": (STREAM, "wait_closed", "self"),
    "sock_recv": (STREAM, "socket", "sock"),
    "sock_recv_into": (STREAM, "socket", "sock"),
    "sock_recvfrom": (STREAM, "socket", "sock"),
    "sock_recvfrom_into": (STREAM, "socket", "sock"),
    "sock_sendall": (STREAM, "socket", "sock"),
    "sock_sendto": (STREAM, "socket", "sock"),
    "_sock_sendfile_native": (STREAM, "socket", "sock"),
    "sock_connect": (STREAM, "connect", "sock"),
    "_create_connection_transport": (STREAM, "connect", "sock"),
    "start_tls": (STREAM, "TLS handshake", "transport"),
    "create_datagram_endpoint": (STREAM, "datagram endpoint", "sock"),
    "sock_accept": (LISTENER, "socket", "sock"),
    "serve_forever": (LISTENER, "Server", "self"),
    "_wait": (CHILD, "process", "self"),
    "_make_subprocess_transport": (CHILD, "process", "transp"),
    "connect_read_pipe": (OTHER_IO, "pipe", "pipe"),
    "connect_write_pipe": (OTHER_IO, "pipe", "pipe"),
    "shutdown_default_executor": (OTHER_IO, "thread pool", "self"),
}
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
    for owner_class, kind, name in _CLASSES:
        if isinstance(owner, owner_class):
            break
    limit = 1 if kind == LOCK else 0
    if kind == CHANNEL:
        limit = max(owner._maxsize, 0)
    elif kind == SEMAPHORE:
        limit = max(owner._value, 0)
    return recorder.resource(owner, kind, name or type(owner).__name__, -1, limit)


def mark(waiter, recorder):
    """What a future stands for, as far as that is known without a look at the task's frames."""
    if isinstance(waiter, Task):
        return recorder.task(waiter)
    owner, recorder.about_to_wait = recorder.about_to_wait, None
    if owner is not None:
        kind = ACQUIRE
        if isinstance(owner, queues.Queue):
            putters = owner._putters
            kind = SEND if putters and putters[-1] is waiter else RECEIVE
        found = (WAIT | number_of(owner, recorder), kind)
    elif isinstance(waiter, tasks._GatheringFuture):
        found = group(waiter._children, ALL, "gather", recorder)
    else:
        return ()
    waiter._loopscope = found
    return found


def group(members, mode, name, recorder):
    """Announces a group of tasks that are awaited together."""
    number = recorder.resource(None, GROUP, name, recorder.caller())
    recorder.announce_members(number, (task for task in members if isinstance(task, Task)))
    return WAIT | number, mode


def describe(task, waiter, recorder):
    """What a suspended task waits for, and where: the kind, the number and the place."""
    frames = list(chain(task))
    found = getattr(waiter, "_loopscope", None)
    if found is None:
        found = by_function(frames, waiter, recorder)
        waiter._loopscope = found
    kind, number = (ON_TASK, found >> 5) if found.__class__ is int else (found[1], found[0] >> 5)
    place, last = -1, -1
    for frame in frames:
        last = recorder.frame_place(frame, last)
        if is_program(frame.f_code.co_filename):
            place = last
    return kind, number, place if place >= 0 else last


def by_function(frames, waiter, recorder):
    """What a future stands for, by the function of asyncio that waits for it."""
    for frame in reversed(frames):
        code = frame.f_code
        if is_program(code.co_filename):
            break
        found = _by_frame(code.co_name, code, frame.f_locals, recorder)
        if found is not None:
            return found
    shielded = _shielded(waiter)
    if isinstance(shielded, Task):
        return recorder.task(shielded)
    name = type(waiter).__name__
    for frame in reversed(frames):
        if is_program(frame.f_code.co_filename):
            line = linecache.getline(frame.f_code.co_filename, frame.f_lineno or 0)
            awaited = re.match(_AWAITED, line)
            name = awaited.group(1) if awaited else name
            break
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
    if name == "_wait_for_one":
        return group(getattr(owner, "_todo", ()), ANY, "as_completed", recorder)
    if name in ("wait_for", "_cancel_and_wait") and isinstance(variables.get("fut"), Future):
        awaited = variables["fut"]
        found = getattr(awaited, "_loopscope", None)
        return recorder.task(awaited) if isinstance(awaited, Task) else found
    if name in ("acquire", "wait", "get", "put") and isinstance(owner, _OWNERS):
        kind = {"get": RECEIVE, "put": SEND}.get(name, ACQUIRE)
        return WAIT | number_of(owner, recorder), kind
    if name in _FUNCTIONS:
        kind, label, variable = _FUNCTIONS[name]
        owner = variables.get(variable)
        if name == "wait_closed":
            label = f"{type(owner).__name__}.{label}"
        return WAIT | recorder.resource(owner, kind, label), IO
    return None


def _shielded(waiter):
    """What `asyncio.shield` waits for, if it has made this future."""
    for callback, _ in getattr(waiter, "_callbacks", None) or ():
        if getattr(callback, "__name__", None) == "_outer_done_callback":
            names = callback.__code__.co_freevars
            return callback.__closure__[names.index("inner")].cell_contents
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
