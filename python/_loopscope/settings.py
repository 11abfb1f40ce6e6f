"""What loopscope asks for. The program may change its environment and its streams before its first loop."""

import os
import sys

_PREFIX = "LOOPSCOPE_"
_given = {name[10:]: value for name, value in os.environ.items() if name.startswith(_PREFIX)}
streams = sys.stdout, sys.stderr

SOCKET = _given.get("SOCKET")
IS_VIRTUAL = _given.get("CLOCK") == "virtual"

#: How much is recorded: an index into this table. docs/python.md says what each leaves out.
TICKS, CAUSES, WAITS, EVERYTHING = range(4)
DETAIL = {"ticks": TICKS, "causes": CAUSES, "waits": WAITS}.get(_given.get("DETAIL"), EVERYTHING)


def take(name):
    """What the first loop of the program is given, and no other one; None if it is nothing."""
    os.environ.pop(_PREFIX + name, None)
    return _given.pop(name, None)
