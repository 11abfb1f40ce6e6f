"""Assigns what the program prints to the task that prints it."""

import threading

from .parts import functions
from .recorder import local
from .settings import streams
from .wire import OUTPUT

#: The module `terminal`, if the program runs beside the screen.
terminal = None


def install():
    for stream in filter(None, streams):
        tee(stream)


def tee(stream):
    """Records each line that is written to a text stream, which still gets all of it."""
    write = stream.write if terminal is None else terminal.guarded(stream)
    # What each thread has written of a line that it has not ended. `print` writes a text and its
    # line break one after the other, so another thread may write between the two.
    begun = threading.local()
    # A person who sits at the terminal sees a line at once, also if the program then waits for
    # input.
    is_seen_at_once = getattr(stream, "isatty", bool)()

    def tee_write(text):
        written = write(text)
        recorder = local.recorder
        if recorder is not None and recorder.ready is not None:
            *lines, begun.text = (getattr(begun, "text", "") + text).split("\n")
            for line in lines:
                line, place = recorder.line(line), recorder.caller()
                recorder.out += (OUTPUT | line << 5, place, recorder.ready.now())
            if lines and is_seen_at_once:
                functions.send_now(recorder)
        return written

    try:
        stream.write = tee_write
    except AttributeError:
        pass
