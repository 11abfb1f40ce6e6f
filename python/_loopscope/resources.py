"""Records what tasks do to objects of asyncio, and what becomes of connections."""

import sys
from asyncio import StreamReader, events, selector_events

from .observe import after
from .parts import names, streams
from .recorder import give_up, local
from .wire import BUFFERED, ERROR, OPERATION


def operated(owner, operation, value=0, task=-1):
    """Records what the running step does to an object."""
    recording = local.recorder
    if recording is None or recording.ready is None:
        return
    try:
        number = getattr(owner, "_loopscope", None)
        if number.__class__ is not int:
            # The place of this use counts if the place of the creation was not noted.
            place = recording.caller() if number is None else -1
            number = names.number_of(owner, recording, place)
        recording.out += (OPERATION | number, operation, value, task)
    except Exception as error:
        give_up(error)


def install_waits():
    """Notes which object is about to wait."""
    # CPython 3.9 has no mixin: the object is found in the frames of the task that waits.
    mixins = sys.modules.get("asyncio.mixins")
    if mixins is not None:
        get_loop = mixins._LoopBoundMixin._get_loop

        def _get_loop(self):
            recording = local.recorder
            if recording is not None:
                recording.about_to_wait = self
            # Most often the rest is this, which takes no second call.
            loop = events._get_running_loop()
            return loop if loop is not None and loop is self._loop else get_loop(self)

        mixins._LoopBoundMixin._get_loop = _get_loop


def install_connections():
    """Records the bytes that the peer does not take, and what no wait tells: that the peer has
    closed its side, and that an attempt to connect has failed."""
    transport = selector_events._SelectorSocketTransport
    # `write` calls the first of these when the peer has not taken all bytes, `writelines` not always.
    for name in ("_maybe_pause_protocol", "writelines"):
        if name != "writelines" or name in vars(transport):

            @after(transport, name)
            def wrote(_, transport, *args):
                if transport._buffer:
                    operated(transport._protocol, BUFFERED, transport.get_write_buffer_size())

    for name in ("_sock_connect", "_sock_connect_cb"):

        @after(selector_events.BaseSelectorEventLoop, name)
        def connecting(_, loop, fut, sock, address):
            if fut.done() and not fut.cancelled() and fut._exception is not None:
                operated(sock, ERROR)

    # A socket whose peer has closed its side is read without a wait.
    after(selector_events.BaseSelectorEventLoop, "sock_recv")(lambda _, loop, sock, n: streams.receives(sock))

    @after(StreamReader, "feed_eof")
    def ended(_, reader):
        # Before the end of a stream nothing is noted, so reading costs nothing.
        if reader.__class__ is StreamReader:
            reader.__class__ = streams.Ended
