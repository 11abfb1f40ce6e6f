"""Finds the names of locks, queues and other objects. It is loaded when the first one is used."""

import functools
import linecache
import re

_ASSIGNED = r"\s*(?:self\.)?([A-Za-z_]\w*)\s*(?::[^=]+)?=[^=]"
#: A server may create an object in the same line for each request.
_match = functools.lru_cache(maxsize=4096)(re.match)


def creation(created, name, recorder):
    """The place at which an object was created, and the name that it was given there, if any.

    `created` is that place as `resources` has noted it: the code, the instruction and the line.
    """
    code, instruction, line = created
    assigned = _match(_ASSIGNED, linecache.getline(code.co_filename, line))
    place = recorder.place(code, instruction, lambda: line)
    return place, assigned.group(1) if assigned else name
