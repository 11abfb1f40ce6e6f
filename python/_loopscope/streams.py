"""Records reads of a stream behind its end. It is loaded when a peer first closes its side."""

from asyncio import StreamReader

from .recorder import local
from .resources import operated
from .wire import ENDED

#: How many reads of the end of one stream are recorded.
MOST = 32
#: After this many they are sent at once: what reads the end in a loop may never return to the event
#: loop.
URGENT = 10


class Ended(StreamReader):
    """A stream whose peer has closed its side."""

    async def read(self, n=-1):
        _reads_end(self)
        return await super().read(n)

    async def readline(self):
        _reads_end(self)
        return await super().readline()


def _reads_end(reader):
    if not reader._buffer:
        reader._loopscope_ends = ends = getattr(reader, "_loopscope_ends", 0) + 1
        if ends <= MOST:
            operated(reader, ENDED)
        if ends == URGENT and local.recorder is not None:
            local.recorder.flush()
