"""Records reads of a connection behind its end. It is loaded when a peer first closes its side, or a socket
is first read without a stream.
"""

import socket
from asyncio import StreamReader
from weakref import WeakKeyDictionary

from .parts import functions, names
from .recorder import local
from .resources import operated
from .wire import ENDED, STREAM

#: How many reads of the end of one stream are recorded.
MOST = 32
#: After this many they are sent at once: what reads the end in a loop may never return to the event
#: loop.
URGENT = 10


#: What is known of the sockets that are read without a stream. They take no attributes themselves.
_sockets = WeakKeyDictionary()


class _Received:
    """What a socket has received."""

    _buffer = b""


class Ended(StreamReader):
    """A stream whose peer has closed its side."""

    async def read(self, n=-1):
        _reads_end(self)
        return await super().read(n)

    async def readline(self):
        _reads_end(self)
        return await super().readline()


def receives(sock):
    """A task is about to read from a socket. If the peer has closed its side, there is no byte to peek at."""
    try:
        is_ended = sock.type == socket.SOCK_STREAM and not sock.recv(1, socket.MSG_PEEK | socket.MSG_DONTWAIT)
    except (AttributeError, OSError, ValueError):  # No socket, nothing there, or encrypted.
        return
    if is_ended and local.recorder is not None:
        received = _sockets.get(sock)
        if received is None:
            received = _sockets[sock] = _Received()
            names.resource(local.recorder, received, STREAM, "socket", local.recorder.caller())
        _reads_end(received)


def _reads_end(reader):
    if not reader._buffer:
        reader._loopscope_ends = ends = getattr(reader, "_loopscope_ends", 0) + 1
        if ends <= MOST:
            operated(reader, ENDED)
        if ends == URGENT and local.recorder is not None:
            functions.send_now(local.recorder)
