"""Which places in the source belong to the program."""

import functools
import os

#: Where the libraries are, and the adapter.
LIBRARIES = ("<frozen", os.path.dirname(__file__), os.path.dirname(os.__file__) + os.sep)


@functools.lru_cache(maxsize=4096)
def is_program(file):
    """Whether a file belongs to the program, and not to a library."""
    return not file.startswith(LIBRARIES) and "-packages" + os.sep not in file


def program_frame(frame):
    """The first frame of the program among this frame and its callers."""
    while frame is not None and not is_program(frame.f_code.co_filename):
        frame = frame.f_back
    return frame
