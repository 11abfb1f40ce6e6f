"""Sends a recording to loopscope, in frames.

A frame is a length (4 bytes), a kind (1 byte) and a payload. The integers of a payload are 64 bits
wide. All integers are little-endian.
"""

import json
import os
import select
import socket
import struct
import sys
from array import array

from .clock import IS_VIRTUAL

VERSION = 1
#: How long a reader may stall, in milliseconds, before events are discarded.
PATIENCE = 200

_header = struct.Struct("<IB").pack


class Wire:
    """The connection of one recording."""

    def __init__(self, thread):
        self.socket = socket.socket(socket.AF_UNIX)
        self.socket.connect(os.environ["LOOPSCOPE_SOCKET"])
        self.socket.setblocking(False)
        self.pid = os.getpid()
        self.texts = []
        self.places = []
        self.lost = 0
        self.patience = PATIENCE
        self.rest = b""
        #: This process is a snapshot, which ends when loopscope has no use for it.
        self.is_snapshot = False
        self._greet(thread=thread)

    def _greet(self, **more):
        hello = {
            "version": VERSION,
            "pid": os.getpid(),
            "parent": os.getppid(),
            "clock": "virtual" if IS_VIRTUAL else "real",
            "python": sys.version.split()[0],
            "argv": [text.encode("utf-8", "replace").decode() for text in sys.argv],
            **more,
        }
        self._send([self._frame(b"H", json.dumps(hello).encode())])

    def is_inherited(self):
        """Whether this process is a child of the one that connected."""
        return self.pid != os.getpid()

    def flush(self, events, count):
        """Sends definitions and events, and empties the list of events.

        If the reader stalls, the events are counted as lost. Definitions are kept.
        """
        definitions = [self._frame(b"T", text) for text in self.texts]
        if self.places:
            definitions.append(self._frame(b"L", self._numbers(self.places)))
        payload = self._numbers(events)
        del events[:]
        if self.lost:
            definitions.append(self._frame(b"G", struct.pack("<q", self.lost)))
        if self._send([*definitions, self._frame(b"E", payload)]):
            del self.texts[:], self.places[:]
            self.lost = 0
        else:
            self.lost += count

    def paused(self, paused, time):
        """Says whether the program is paused, and its time."""
        self._send([self._frame(b"P", struct.pack("<Bq", paused, time))])

    def snapshot(self, number, obstacle):
        """Says that a snapshot is taken here, or with a negative number why none can be taken."""
        self._send([self._frame(b"S", struct.pack("<q", number) + obstacle.encode())])

    def become_snapshot(self, number):
        """Connects a copy of this process, which is the snapshot with this number."""
        fresh = socket.socket(socket.AF_UNIX)
        fresh.connect(os.environ["LOOPSCOPE_SOCKET"])
        fresh.setblocking(False)
        os.dup2(fresh.fileno(), self.socket.fileno(), inheritable=False)
        fresh.close()
        self.pid, self.is_snapshot = os.getpid(), True
        self._greet(snapshot=number)

    def close(self):
        if self.is_snapshot:
            os._exit(0)
        if self.socket is not None:
            self.socket.close()
            self.socket = None

    @staticmethod
    def _frame(kind, payload):
        return _header(len(payload), kind[0]) + payload

    @staticmethod
    def _numbers(numbers):
        numbers = array("q", numbers)
        if sys.byteorder == "big":
            numbers.byteswap()
        return numbers.tobytes()

    def _send(self, frames):
        """Sends all of the frames, or none: then returns False."""
        if self.rest:
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
                # A reader that has stalled once is not waited for again until it reads on.
                patience, self.patience = self.patience, 0
                if not _writable(self.socket, patience):
                    return data
            except OSError:
                # loopscope has gone: the program continues, unobserved.
                self.close()
        return b""


def _writable(connection, patience):
    poll = select.poll()
    poll.register(connection, select.POLLOUT)
    return bool(poll.poll(patience))
