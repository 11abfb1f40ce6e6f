"""The terminal of a program beside the screen, which has the real one. It is loaded only there."""

import os
import stat
import sys

#: The name of the real terminal.
real = None


def leave_screen():
    """Connects the program to the real terminal, if loopscope has gone with that of the program."""
    gone = [descriptor for descriptor in range(3) if _is_gone(descriptor)]
    if not gone:
        return False
    try:
        fresh = os.open(real, os.O_RDWR | os.O_NOCTTY)
    except OSError:
        fresh = os.open(os.devnull, os.O_RDWR)
    for descriptor in gone:
        os.dup2(fresh, descriptor)
    os.close(fresh)
    return True


def guarded(stream):
    """Writes to a stream, also after loopscope has gone with the terminal of the program."""
    write = stream.write

    def guarded_write(text):
        try:
            return write(text)
        except OSError:
            if not leave_screen():
                raise
            stream.flush()
            return len(text)

    return guarded_write


def _is_gone(descriptor):
    """Whether a descriptor is a pseudoterminal whose other end is closed."""
    try:
        status = os.fstat(descriptor)
    except OSError:
        return False
    is_terminal = stat.S_ISCHR(status.st_mode) and 136 <= os.major(status.st_rdev) <= 143
    return is_terminal and not os.isatty(descriptor)


def start(pdb):
    """Tells loopscope when a debugger reads commands: then the screen lets it have the terminal."""
    original, depth = pdb.Pdb.interaction, [0]

    def interaction(self, *args, **kwargs):
        _say("terminal", depth[0] == 0)
        depth[0] += 1
        try:
            return original(self, *args, **kwargs)
        finally:
            depth[0] -= 1
            _say("screen", depth[0] == 0)

    pdb.Pdb.interaction = interaction


def _say(word, is_outermost):
    """Writes a sequence to the program's terminal, which the terminal's other side removes."""
    terminals = [descriptor for descriptor in (1, 2, 0) if os.isatty(descriptor)]
    if is_outermost and terminals:
        sys.stdout.flush()
        os.write(terminals[0], f"\x1b]7717;{word}\x07".encode())
