"""Sends a recording to loopscope, in frames.

A frame is a length (4 bytes), a kind (1 byte) and a payload. The integers of a payload are 64 bits
wide. All integers are little-endian. docs/wire.md describes the frames and the events.
"""

import os
import select
import selectors
import socket
import struct
import sys

from _json import encode_basestring_ascii as _quoted

from .parts import stalled
from .settings import IS_VIRTUAL, SOCKET

# The events. The lowest five bits of an event's first integer are its code, the bits above them its
# first operand. So the number of a task or resource is kept shifted: it is combined with a code.
(STEP, WAKE, NEXT, YIELD, SCHEDULED, WAIT, JOIN, DONE, TICK, PARK, WOKE, RUN) = range(12)
(SPAWN, TIMER, FIRED, CANCELLED, RESOURCE, OPERATION, MEMBER, ASLEEP, OUTPUT) = range(12, 21)
(FROM, START, STOP, CANCEL, EAGER, FREED, THROWN, LATE, FIRST, NAME, RETRIEVED) = range(21, 32)

# What a task waits for.
(UNKNOWN, ON_TIMER, ON_TASK, SEND, RECEIVE, ACQUIRE, IO, ALL, ANY, ON_YIELD) = range(10)
# The kinds of resources.
(CHANNEL, LOCK, SEMAPHORE, EVENT, FUTURE, GROUP, LISTENER, STREAM, POOL, OTHER_IO) = range(10)
(CHILD, BARRIER, COROUTINE, VALUE, ATTEMPT, THREAD) = range(10, 16)
# What is done to a resource.
(SENT, RECEIVED, ACQUIRED, RELEASED, SET, CLEARED, WROTE, DROPPED, ENDED, ERROR) = range(10)
(STARTED, RAN, BUFFERED, STORED, CLOSED) = range(10, 15)

#: Events are sent when there are this many integers of them.
BLOCK = 2000
#: How long a reader may stall, in milliseconds, before events are discarded.
PATIENCE = 200
#: What cannot be recorded in this interpreter, in words.
missing = []


def _json(value):
    """A value as JSON. The module `json` takes longer to import than a short program runs."""
    if isinstance(value, dict):
        return "{%s}" % ",".join(f"{_json(key)}:{_json(value[key])}" for key in value)
    if isinstance(value, list):
        return "[%s]" % ",".join(map(_json, value))
    return str(value) if isinstance(value, int) else _quoted(value)


def frame(kind, payload):
    return struct.pack("<IB", len(payload), kind[0]) + payload


def _numbers(given):
    # An `array` takes three times as long.
    return struct.pack(f"<{len(given)}q", *given)


#: Where loopscope listens, and what is done once it has gone.
path, left = SOCKET, None


class Wire:
    """The connection of one recording."""

    def __init__(self, thread):
        self.socket = socket.socket(socket.AF_UNIX)
        #: Sees whether a command has come.
        self.commands = select.poll()
        self.commands.register(self.socket, select.POLLIN)
        self.pid = os.getpid()
        self.texts, self.places = [], []
        #: The selectors that watch the connection.
        self.selectors = []
        self.lost = 0
        self.patience = PATIENCE
        self.rest = b""
        #: This process is a snapshot, which ends when loopscope has no use for it.
        self.is_snapshot = False
        #: The process that was copied, or else this one.
        self.original = self.pid
        try:
            self.socket.connect(path)
        except OSError:  # loopscope has gone before this loop began.
            self.close()
        else:
            self.socket.setblocking(False)
            self.greet(thread=thread)

    def greet(self, **more):
        hello = {
            "version": 1,
            "pid": self.pid,
            "parent": os.getppid(),
            "clock": "virtual" if IS_VIRTUAL else "real",
            "python": sys.version.split()[0],
            "argv": [text.encode("utf-8", "replace").decode() for text in sys.argv],
            "missing": missing,
            **more,
        }
        self.send([frame(b"H", _json(hello).encode())])

    def is_inherited(self):
        """Whether this process is a child of the one that connected."""
        return self.pid != os.getpid()

    def flush(self, events, count):
        """Sends definitions and events, and empties the list of events.

        If the reader stalls, the events are counted as lost. Definitions are kept.
        """
        frames = [frame(b"T", text) for text in self.texts]
        if self.places:
            frames.append(frame(b"L", _numbers(self.places)))
        frames += self._gap(), frame(b"E", _numbers(events))
        del events[:]
        if self.send(frames):
            del self.texts[:], self.places[:]
            self.lost = 0
        else:
            self.lost += count

    def watch(self, selector):
        """Lets a selector report commands. Returns what it reports; `None` if it cannot."""
        try:
            selector.register(self.socket, selectors.EVENT_READ, None)
        except (ValueError, KeyError, OSError):
            return None
        self.selectors.append(selector)
        return self.socket

    def close(self):
        if self.is_snapshot:
            os._exit(0)
        connection, self.socket = self.socket, None
        if connection is None:
            return
        if left is not None:
            left()
        # A child process shares the selectors of its parent.
        if not self.is_inherited():
            for selector in self.selectors:
                try:
                    selector.unregister(connection)
                except (ValueError, KeyError, OSError, RuntimeError, AttributeError):
                    pass  # The loop was closed.
            if self.rest or self.lost:
                stalled.end(connection, self.rest + self._gap())
        connection.close()

    def _gap(self):
        """Says that events are missing, if some are."""
        return frame(b"G", struct.pack("<q", self.lost)) if self.lost else b""

    def send(self, frames):
        """Sends all of the frames, or none: then returns False."""
        # A frame that was sent in part has to be completed before anything else is sent.
        self.rest = self._send_some(self.rest)
        if self.rest:
            return False
        data = b"".join(frames)
        rest = self._send_some(data)
        if len(rest) == len(data):
            return not data
        self.rest = rest
        return True

    def _send_some(self, data):
        """Sends what the reader takes. Returns the rest."""
        while data and self.socket is not None:
            try:
                data = data[self.socket.send(data) :]
                self.patience = PATIENCE
            except (BlockingIOError, InterruptedError):
                if not stalled.reads_on(self):
                    return data
            except OSError:
                # loopscope has gone: the program continues, unobserved.
                self.close()
        return b""
