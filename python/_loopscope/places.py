"""Which places in the source belong to the program."""

import functools
import os
from asyncio import base_events, events

#: Where the libraries are, and the adapter.
LIBRARIES = ("<frozen", os.path.dirname(__file__), os.path.dirname(os.__file__) + os.sep)
#: The functions of the loop that call callbacks and step tasks.
_RUN, _RUN_ONCE = events.Handle._run.__code__, base_events.BaseEventLoop._run_once.__code__


@functools.lru_cache(maxsize=4096)
def is_program(file):
    """Whether a file belongs to the program, and not to a library."""
    return not file.startswith(LIBRARIES) and "-packages" + os.sep not in file


def program_frame(frame):
    """The first frame of the program among this frame and its callers.

    The search ends at the loop: the line that has started the loop does not do what a callback or a
    task does.
    """
    while frame is not None and not is_program((code := frame.f_code).co_filename):
        frame = None if code is _RUN or code is _RUN_ONCE else frame.f_back
    return frame
