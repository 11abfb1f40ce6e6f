"""Assigns what the program prints to the task that prints it."""

import sys

from .recorder import local
from .wire import OUTPUT


def install():
    for name in ("stdout", "stderr"):
        stream = getattr(sys, name, None)
        if stream is not None:
            tee(stream)


def tee(stream):
    """Records each line that is written to a text stream, which still gets all of it."""
    write = stream.write
    parts = []
    # A person who sits at the terminal sees a line at once, also if the program then waits for input.
    is_seen_at_once = getattr(stream, "isatty", bool)()

    def tee_write(text):
        written = write(text)
        recorder = local.recorder
        if recorder is not None and recorder.ready is not None:
            *lines, rest = text.split("\n")
            for line in lines:
                whole = "".join([*parts, line])
                parts.clear()
                recorder.out += (OUTPUT | recorder.line(whole) << 5, recorder.caller())
            if rest:
                parts.append(rest)
            if lines and is_seen_at_once:
                recorder.flush()
        return written

    try:
        stream.write = tee_write
    except AttributeError:
        pass
