"""Finds the numbers and names of locks, queues and other objects. It is loaded when the first one is
used.
"""

import functools
import linecache
import re
import weakref
from asyncio import StreamReader, locks, queues, selector_events
from socket import socket

from .objects import BarrierCondition, JoinEvent
from .observe import wrap
from .recorder import local
from .wire import (
    BARRIER, CHANNEL, CLOSED, DROPPED, EVENT, FUTURE, GROUP, LOCK, MEMBER, OPERATION, OTHER_IO, RESOURCE,
    SEMAPHORE, STREAM, WAIT,
)  # fmt: skip

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
_ASSIGNED = r"\s*(?:self\.)?([A-Za-z_]\w*)\s*(?::[^=]+)?=[^=]"
#: A server may create an object in the same line for each request.
_match = functools.lru_cache(maxsize=4096)(re.match)


def creation(created, name, recorder):
    """The place at which an object was created, and the name that it was given there, if any.

    `created` is that place as `resources` has noted it: the code, the instruction and the line.
    """
    code, instruction, line = created
    assigned = _match(_ASSIGNED, linecache.getline(code.co_filename, line))
    place = recorder.place(code, instruction, lambda: line)
    return place, assigned.group(1) if assigned else name


def resource(recorder, owner, kind, name, place=-1, limit=0):
    """The number of the resource that an object is, which is announced at its first use."""
    found = getattr(owner, "_loopscope", None)
    if found.__class__ is int:
        return found
    if found:
        place, assigned = creation(found, name, recorder)
        # The reader knows from the name of the function what kind of thing it waits for.
        name = name if kind == OTHER_IO else assigned
    number = next(recorder.resources) << 5
    recorder.out += (RESOURCE | number, kind, recorder.text(name), place, limit)
    try:
        if owner is not None and kind != FUTURE:
            # It may be freed in the middle of an event, and on any thread. A connection outlives its reader. A
            # process that has ended, and its pipes, are freed before the objects that refer to them.
            freed = getattr(owner, "_transport", None) or owner
            freed = getattr(freed, "_pipe", None) or getattr(freed, "_proc", None) or freed
            reference = weakref.ref(freed, recorder.later.append)
            recorder.alive[id(reference)] = reference, (OPERATION | number, DROPPED, 0, -1)
        owner._loopscope = number
    except (AttributeError, TypeError):
        pass  # Its class allows no attributes, or no weak references.
    return number


def number_of(owner, recorder, place=-1):
    """The number of a lock, a queue, an event, a connection, shifted."""
    kind, name, limit = next(entry[1:] for entry in _CLASSES if isinstance(owner, entry[0]))
    limit = 1 if kind == LOCK else getattr(owner, limit, 0)
    if limit >= UNLIMITED:
        limit = 0 if kind == CHANNEL else UNLIMITED
    return resource(recorder, owner, kind, name or type(owner).__name__, place, int(limit))


@wrap(selector_events._SelectorTransport, "_call_connection_lost")
def _closed(original, transport, error):
    """A connection is closed. What refers to it may keep its objects for longer."""
    protocol, recording = transport._protocol, local.recorder
    for owner in (protocol, getattr(protocol, "_stream_reader", None), transport):
        number = getattr(owner, "_loopscope", None)
        if number.__class__ is int and recording is not None and recording.ready is not None:
            recording.out += (OPERATION | number, CLOSED, 1, -1)
    return original(transport, error)


def group(members, mode, name, recorder):
    """Announces a group of tasks that are awaited together."""
    number = resource(recorder, None, GROUP, name, recorder.caller())
    for task in members:
        if hasattr(task, "_fut_waiter"):
            recorder.out += (MEMBER | recorder.task(task), number >> 5)
    return WAIT | number, mode
