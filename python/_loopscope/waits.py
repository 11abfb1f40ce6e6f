"""Finds what a task waits for, and where."""

import asyncio
from asyncio import locks, queues, tasks

from .recorder import (
    ACQUIRE,
    ALL,
    ANY,
    IO,
    MEMBER,
    ON_TASK,
    RECEIVE,
    SEND,
    WAIT,
    is_program,
)

# The kinds of resources.
CHANNEL, LOCK, SEMAPHORE, EVENT, FUTURE, GROUP, LISTENER, STREAM, POOL, OTHER_IO = range(10)

#: What asyncio's own functions wait for: the kind of the resource, its name, the local variable that
#: holds the object that is waited for.
_FUNCTIONS = {
    "_wait_for_data": (STREAM, "StreamReader", "self"),
    "_drain_helper": (STREAM, "StreamWriter", "self"),
    "wait_closed": (STREAM, "StreamWriter.wait_closed", "self"),
    "sock_recv": (STREAM, "socket", "sock"),
    "sock_recv_into": (STREAM, "socket", "sock"),
    "sock_recvfrom": (STREAM, "socket", "sock"),
    "sock_sendall": (STREAM, "socket", "sock"),
    "sock_sendto": (STREAM, "socket", "sock"),
    "sock_connect": (STREAM, "connect", "sock"),
    "sock_accept": (LISTENER, "socket", "sock"),
    "serve_forever": (LISTENER, "Server", "self"),
    "_create_connection_transport": (STREAM, "connect", "sock"),
    "_wait": (OTHER_IO, "process", "self"),
}


def kind_of(owner):
    """The kind, the name and the limit of a lock, a queue, an event."""
    if isinstance(owner, queues.Queue):
        return CHANNEL, type(owner).__name__, max(owner._maxsize, 0)
    if isinstance(owner, locks.Semaphore):
        return SEMAPHORE, type(owner).__name__, max(owner._value, 0)
    if isinstance(owner, locks.Lock):
        return LOCK, "Lock", 1
    return EVENT, type(owner).__name__, 0


def number_of(owner, recorder):
    """The number of a lock, a queue, an event."""
    number = getattr(owner, "_loopscope", None)
    if number.__class__ is int:
        return number
    kind, name, limit = kind_of(owner)
    return recorder.resource(owner, kind, name, -1, limit)


def mark(waiter, recorder):
    """What a future stands for, as far as that is known without a look at the task's frames."""
    if isinstance(waiter, asyncio.Task):
        return recorder.task(waiter)
    owner, recorder.about_to_wait = recorder.about_to_wait, None
    if owner is not None:
        kind = ACQUIRE
        if isinstance(owner, queues.Queue):
            putters = owner._putters
            kind = SEND if putters and putters[-1] is waiter else RECEIVE
        found = (WAIT | number_of(owner, recorder) << 5, kind)
    elif isinstance(waiter, tasks._GatheringFuture):
        found = group(waiter._children, ALL, "gather", recorder)
    else:
        return ()
    waiter._loopscope = found
    return found


def group(members, mode, name, recorder):
    """Announces a group of tasks that are awaited together."""
    number = recorder.resource(None, GROUP, name, recorder.caller())
    for member in members:
        if isinstance(member, asyncio.Task):
            recorder.out += (MEMBER | recorder.task(member), number)
    return WAIT | number << 5, mode


def describe(task, waiter, recorder):
    """What a suspended task waits for, and where: the kind, the number and the place."""
    frames = list(chain(task))
    found = getattr(waiter, "_loopscope", None)
    if found is None:
        found = by_function(frames, waiter, recorder)
    kind, number = (ON_TASK, found >> 5) if found.__class__ is int else (found[1], found[0] >> 5)
    place, last = -1, -1
    for frame in frames:
        last = recorder.frame_place(frame, last)
        if is_program(frame.f_code.co_filename):
            place = last
    return kind, number, place if place >= 0 else last


def by_function(frames, waiter, recorder):
    """What a future stands for, by the function of asyncio that waits for it."""
    found = None
    for frame in reversed(frames):
        code = frame.f_code
        if is_program(code.co_filename):
            break
        name = code.co_name
        if name == "_wait" and "return_when" in code.co_varnames:
            members = frame.f_locals.get("fs", ())
            every = frame.f_locals.get("return_when") == tasks.ALL_COMPLETED
            found = group(members, ALL if every else ANY, "wait", recorder)
            break
        if name == "__aexit__" and "propagate_cancellation_error" in code.co_varnames:
            members = getattr(frame.f_locals.get("self"), "_tasks", ())
            found = group(members, ALL, "TaskGroup", recorder)
            break
        owner = frame.f_locals.get("self") if name in ("acquire", "wait", "get", "put") else None
        if isinstance(owner, (locks.Lock, locks.Semaphore, locks.Event, queues.Queue)):
            kind = {"get": RECEIVE, "put": SEND}.get(name, ACQUIRE)
            found = (WAIT | number_of(owner, recorder) << 5, kind)
            break
        if name in _FUNCTIONS:
            kind, label, variable = _FUNCTIONS[name]
            owner = frame.f_locals.get(variable)
            found = (WAIT | recorder.resource(owner, kind, label) << 5, IO)
            break
    if found is None:
        number = recorder.resource(None, FUTURE, type(waiter).__name__)
        found = (WAIT | number << 5, ACQUIRE)
    waiter._loopscope = found
    return found


def chain(task):
    """The frames of a suspended task, outermost first."""
    awaited = task.get_coro()
    while awaited is not None:
        for prefix in ("cr", "gi", "ag"):
            frame = getattr(awaited, prefix + "_frame", None)
            if frame is not None:
                break
        else:
            return
        yield frame
        awaited = getattr(awaited, "gi_yieldfrom" if prefix == "gi" else prefix + "_await", None)

