"""Records which other threads a program has while its loop waits: one of them may wake a task.

It is loaded when a loop waits beside a thread.
"""

import sys
import threading
from concurrent.futures import thread
from time import monotonic

from .wire import DROPPED, OPERATION, RESOURCE, THREAD

#: How long the threads are not looked at again, in seconds, if none has begun or ended.
PERIOD = 0.01
#: The function of a pool's thread, which waits for jobs. A private name of CPython.
_worker = getattr(getattr(thread, "_worker", None), "__code__", None)


class Threads:
    """The other threads of a recorder's program."""

    def __init__(self, recorder):
        self.recorder = recorder
        #: Those that were announced, with their numbers.
        self.known = {}
        #: How many there were at the last look, and when the next one is due.
        self.count, self.due = 0, 0

    def look(self):
        """Records which threads have begun or ended. Returns itself."""
        count, now = threading.active_count(), monotonic()
        if count == self.count and now < self.due:
            return self
        self.count, self.due = count, now + PERIOD
        frames, out = sys._current_frames(), self.recorder.out
        running = [
            found
            for found in threading.enumerate()
            if found is not self.recorder.thread and not _is_told_otherwise(found, frames.get(found.ident))
        ]
        # The frame of this function is among them, and refers to them.
        frames.clear()
        for found in [*self.known]:
            if found not in running:
                out += (OPERATION | self.known.pop(found), DROPPED, 0, -1)
        for found in running:
            if found not in self.known:
                number = self.known[found] = next(self.recorder.resources) << 5
                out += (RESOURCE | number, THREAD, self.recorder.text(found.name), -1, 0)
        return self


def _is_told_otherwise(thread, frame):
    """Whether a thread belongs to a pool, and has no job, or one that is recorded."""
    if frame is not None and frame.f_code is _worker:
        return True
    # With a look at the variables of its frames, the thread would keep them. The module may not be loaded.
    jobs = sys.modules.get(f"{__package__}.jobs")
    job = jobs and jobs.running.get(thread.ident)
    return getattr(job, "_loopscope", None) is not None
