"""Records two things of connections that no wait tells: that the peer has closed its side, and that an
attempt to connect has failed.

Before the end of a stream nothing is noted, so reading costs nothing.
"""

import functools
from asyncio import StreamReader, selector_events

from .recorder import give_up, local
from .wire import DROPPED, ENDED, ERROR, OPERATION, STREAM

#: How many reads of the end of one stream are recorded.
MOST = 32
#: After this many they are sent at once: what reads the end in a loop may never return to the event loop.
URGENT = 10


class _Ended(StreamReader):
    """A stream whose peer has closed its side."""

    async def read(self, n=-1):
        _reads_end(self)
        return await super().read(n)

    async def readline(self):
        _reads_end(self)
        return await super().readline()


def _reads_end(reader):
    recording = local.recorder
    if recording is None or recording.ready is None or reader._buffer:
        return
    reader._loopscope_ends = ends = getattr(reader, "_loopscope_ends", 0) + 1
    if ends <= MOST:
        try:
            number = recording.resource(reader, STREAM, "StreamReader", recording.caller())
            recording.out += (OPERATION | number, ENDED, 0, -1)
            if ends == URGENT:
                recording.flush()
        except Exception as error:
            give_up(error)


def install():
    feed_eof = StreamReader.feed_eof

    @functools.wraps(feed_eof)
    def ended(self):
        feed_eof(self)
        if self.__class__ is StreamReader:
            self.__class__ = _Ended

    StreamReader.feed_eof = ended
    for name in ("_sock_connect", "_sock_connect_cb"):
        _watch_connect(selector_events.BaseSelectorEventLoop, name)


def _watch_connect(owner, name):
    connect = getattr(owner, name)

    @functools.wraps(connect)
    def connecting(self, fut, sock, address):
        connect(self, fut, sock, address)
        if fut.done() and not fut.cancelled() and fut._exception is not None:
            _failed(sock)

    setattr(owner, name, connecting)


def _failed(sock):
    recording = local.recorder
    if recording is None or recording.ready is None:
        return
    try:
        number = recording.resource(sock, STREAM, "connect", recording.caller())
        recording.out += (OPERATION | number, ERROR, 0, -1)
        recording.out += (OPERATION | number, DROPPED, 0, -1)
    except Exception as error:
        give_up(error)
