"""Finds what a task waits for, and where."""

from asyncio import StreamReader, Task, locks, queues, tasks
from opcode import opmap
from socket import socket

from .parts import functions, races
from .places import is_program
from .wire import (
    ACQUIRE, ALL, BARRIER, CHANNEL, EVENT, GROUP, JOIN, LOCK, MEMBER, ON_TASK, RECEIVE, SEMAPHORE,
    SEND, STREAM, WAIT,
)  # fmt: skip


class JoinEvent(locks.Event):
    """The event of `Queue.join`. It changes with each put, which the queue's own operations tell."""

    #: Hides the attribute of `Event` whose changes are recorded.
    _value = False


class BarrierCondition(locks.Condition):
    """The condition of a barrier."""


#: The classes of which a waiting object may be: the kind of the resource, its name,
#: and the attribute that is its limit.
_CLASSES = (
    (JoinEvent, EVENT, "Queue.join", ""),
    # A server may create an event for each request: these are found first.
    (locks.Event, EVENT, "Event", ""),
    (queues.Queue, CHANNEL, None, "_maxsize"),
    (locks.Semaphore, SEMAPHORE, None, "_value"),
    (locks.Lock, LOCK, "Lock", ""),
    (BarrierCondition, BARRIER, "Barrier", ""),
    (locks.Condition, EVENT, "Condition", ""),
    (StreamReader, STREAM, "StreamReader", ""),
    (socket, STREAM, "connect", ""),
    # Any protocol of asyncio.
    (object, STREAM, "StreamWriter.drain", ""),
)
#: From here on a limit is none. It may be `math.inf`.
UNLIMITED = 2**32 - 1
OWNERS = tuple(entry[0] for entry in _CLASSES[:7])
#: The instructions that write to something which another task may see.
_WRITES = {
    opmap.get(name) for name in ("STORE_ATTR", "STORE_SUBSCR", "STORE_GLOBAL", "STORE_DEREF")
}
_writing = {}
#: The frame of a coroutine or generator, and what it awaits.
_LINKS = ("cr_frame", "cr_await"), ("gi_frame", "gi_yieldfrom"), ("ag_frame", "ag_await")


def number_of(owner, recorder, place=-1):
    """The number of a lock, a queue, an event, a connection, shifted."""
    kind, name, limit = next(entry[1:] for entry in _CLASSES if isinstance(owner, entry[0]))
    limit = 1 if kind == LOCK else getattr(owner, limit, 0)
    if limit >= UNLIMITED:
        limit = 0 if kind == CHANNEL else UNLIMITED
    return recorder.resource(owner, kind, name or type(owner).__name__, place, int(limit))


def mark(waiter, recorder):
    """The numbers of the event that says what a future stands for, as far as that is known without
    a look at the task's frames."""
    owner, recorder.about_to_wait = recorder.about_to_wait, None
    if isinstance(waiter, Task):
        return (JOIN | recorder.task(waiter),)
    if owner is not None:
        number = getattr(owner, "_loopscope", None)
        if number.__class__ is not int:
            number = number_of(owner, recorder)
        if not isinstance(owner, queues.Queue):
            return WAIT | number, ACQUIRE
        putters = owner._putters
        return WAIT | number, SEND if putters and putters[-1] is waiter else RECEIVE
    if isinstance(waiter, tasks._GatheringFuture):
        waiter._loopscope = group(waiter._children, ALL, "gather", recorder)
        return waiter._loopscope
    return ()


def group(members, mode, name, recorder):
    """Announces a group of tasks that are awaited together."""
    number = recorder.resource(None, GROUP, name, recorder.caller())
    for task in members:
        if isinstance(task, Task):
            recorder.out += (MEMBER | recorder.task(task), number >> 5)
    return WAIT | number, mode


def describe(task, waiter, found, recorder):
    """What a suspended task waits for, and where: the kind, the number and the place."""
    frames = list(chain(task))
    for frame in frames:
        if _writes(frame.f_code):
            races.suspended(task, frame, recorder)
    iterator = [frame for frame in frames if frame.f_code.co_name == "_wait_for_one"]
    if iterator or not found:
        found = functions.look(frames, iterator, waiter, recorder)
    kind = found[1] if len(found) == 2 else ON_TASK
    return kind, found[0] >> 5, place(frames, recorder)


def _writes(code):
    """Whether a function of the program writes to something that others can see."""
    # Known by its `id`, because the hash of a code object is slow, and kept for that.
    known = _writing.get(id(code))
    if known is None:
        found = is_program(code.co_filename) and not _WRITES.isdisjoint(code.co_code[::2])
        known = _writing[id(code)] = code, found
    return known[1]


def place(frames, recorder):
    """The place of the program at which the innermost of some frames is."""
    found, last = -1, -1
    for frame in frames:
        last = recorder.frame_place(frame, last)
        if is_program(frame.f_code.co_filename):
            found = last
    return found if found >= 0 else last


def chain(task):
    """The frames of a suspended task, outermost first."""
    awaited = task.get_coro()
    # What awaits a future in C is the end of most chains.
    while awaited is not None and awaited.__class__.__name__ != "FutureIter":
        for outer, inner in _LINKS:
            frame = getattr(awaited, outer, None)
            if frame is not None:
                yield frame
                awaited = getattr(awaited, inner, None)
                break
        else:
            awaited = functions.inside(awaited)
