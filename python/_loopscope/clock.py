"""The clock of the recorded loops: the real one, or the one of `virtual`."""

import os
import time

IS_VIRTUAL = os.environ.get("LOOPSCOPE_CLOCK") == "virtual"

#: The time of the virtual clock, in nanoseconds.
virtual = 0
now_ns = (lambda: virtual) if IS_VIRTUAL else time.monotonic_ns
