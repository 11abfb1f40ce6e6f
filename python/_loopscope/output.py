"""Assigns what the program prints to the task that prints it."""

import os
import re
import stat
import sys
import threading

from .recorder import local
from .wire import OUTPUT


#: What sets colours. They are the terminal's, and no part of what a line says.
_COLOURS = re.compile("\x1b\\[[0-9;]*m")
#: The terminal that the screen has. Beside it the program has another one, which goes with it.
terminal = None


def install():
    for name in ("stdout", "stderr"):
        stream = getattr(sys, name, None)
        if stream is not None:
            tee(stream)


def tee(stream):
    """Records each line that is written to a text stream, which still gets all of it."""
    write = stream.write
    # What each thread has written of a line that it has not ended. `print` writes a text and its line break one after the other,
    # so another thread may write between the two.
    begun = threading.local()
    # A person who sits at the terminal sees a line at once, also if the program then waits for input.
    is_seen_at_once = getattr(stream, "isatty", bool)()

    def tee_write(text):
        try:
            written = write(text)
        except OSError:
            if not _leave_screen():
                raise
            stream.flush()
            written = len(text)
        recorder = local.recorder
        if recorder is not None and recorder.ready is not None:
            parts = begun.__dict__.setdefault("parts", [])
            *lines, rest = text.split("\n")
            for line in lines:
                whole = "".join([*parts, line])
                if "\x1b" in whole:
                    whole = _COLOURS.sub("", whole)
                parts.clear()
                line, place = recorder.line(whole), recorder.caller()
                recorder.out += (OUTPUT | line << 5, place, recorder.ready.now())
            if rest:
                parts.append(rest)
            if lines and is_seen_at_once:
                recorder.flush()
        return written

    try:
        stream.write = tee_write
    except AttributeError:
        pass


def _leave_screen():
    """Connects the program to the real terminal, if loopscope has gone with that of the program."""
    gone = [descriptor for descriptor in range(3) if _is_gone(descriptor)]
    if terminal is None or not gone:
        return False
    try:
        fresh = os.open(terminal, os.O_RDWR | os.O_NOCTTY)
    except OSError:
        fresh = os.open(os.devnull, os.O_RDWR)
    for descriptor in gone:
        os.dup2(fresh, descriptor)
    os.close(fresh)
    return True


def _is_gone(descriptor):
    """Whether a descriptor is a pseudoterminal whose other end is closed."""
    try:
        status = os.fstat(descriptor)
    except OSError:
        return False
    is_terminal = stat.S_ISCHR(status.st_mode) and 136 <= os.major(status.st_rdev) <= 143
    return is_terminal and not os.isatty(descriptor)
