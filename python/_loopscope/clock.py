"""The clock of the recorded loops: the real one, or the one of `virtual`."""

import time

from .settings import IS_VIRTUAL

#: The time of the virtual clock, in nanoseconds.
virtual = 0
now_ns = (lambda: virtual) if IS_VIRTUAL else time.monotonic_ns
