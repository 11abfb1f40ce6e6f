"""Finds the line of a step that lasts long.

A second thread sleeps, and looks every 20 ms whether the loop still runs the same step. If so, it
notes the line at which the thread of the loop is. When the step ends, the loop's own thread records with
`late` what was found. The second thread sleeps without an end while the loop waits.
"""

import os
import sys
import time
from _thread import allocate_lock, get_ident, get_native_id, start_new_thread

from .places import is_program
from .settings import DETAIL, IS_VIRTUAL, WAITS

#: How often the second thread looks, in seconds.
PERIOD = 0.02
#: gevent may have replaced threads by its own, which would run in the thread of the loop.
HAS_THREADS = start_new_thread.__module__ == "_thread"


class Sight:
    """What was seen of a step."""

    def __init__(self, entry, processor):
        self.entry = entry
        #: What `Watchdog.processor` was at the look before.
        self.processor = processor
        #: How often the thread was at which lines, the innermost first.
        self.lines = {}


class Watchdog:
    """The second thread of a recorder."""

    def __init__(self, recorder):
        self.recorder, self.thread, self.id = recorder, get_ident(), None
        # The crash reports of `faulthandler` would show the thread.
        faults = sys.modules.get("faulthandler")
        is_seen = recorder.wire.socket is not None and faults is not None and faults.is_enabled()
        self.is_wanted = HAS_THREADS and DETAIL >= WAITS and not (IS_VIRTUAL or is_seen)
        self.is_running = self.is_asleep = False
        #: Since when the thread has waited to look.
        self.began = 0
        self.bell = allocate_lock()
        self.bell.acquire()
        self.statistics = f"/proc/self/task/{get_native_id()}/schedstat"

    def wake(self):
        """Lets the thread look at the next steps."""
        if self.is_asleep:
            self.is_asleep, self.began = False, time.monotonic()
            self.bell.release()
        elif self.is_wanted and not self.is_running:
            self.is_running = True
            try:
                start_new_thread(self._run, (self.processor(),))
            except RuntimeError:  # There can be no more threads.
                self.is_running = self.is_wanted = False

    def stop(self):
        """Ends the thread until it is woken, and waits for its end."""
        if not self.is_running:
            return
        self.is_running = self.is_asleep = False
        if self.bell.locked():
            self.bell.release()
        while self.id is None or os.path.exists(f"/proc/self/task/{self.id}"):
            time.sleep(0.0001)
        self.id = None
        self.bell.acquire(blocking=False)

    def _run(self, processor):
        self.id = get_native_id()
        _name(self.id)
        sight = Sight(None, -1)
        while self.is_running:
            self.began = time.monotonic()
            self.bell.acquire(timeout=-1 if self.is_asleep else PERIOD)
            ready = self.recorder.ready
            if ready is None or ready.is_waiting and ready.began is None:
                # What was seen keeps the task of the step, which may be freed while the loop waits.
                self.is_asleep, sight = True, Sight(None, -1)
                continue
            # A function in C that keeps all other threads from running is not seen twice.
            overslept = time.monotonic() - self.began > 2 * PERIOD
            is_same = ready.entry is sight.entry
            if not is_same:
                sight = Sight(ready.entry, processor)
            lines = _lines(sys._current_frames().get(self.thread)) if is_same or overslept else ()
            if lines:
                sight.lines[lines] = sight.lines.get(lines, 0) + 1
                ready.late = sight
            # Last, because the step may end while a file is read.
            processor = self.processor()

    def processor(self):
        """The time, and how long the thread of the loop has computed and waited for a processor; -1: not
        known.

        A thread that computes on a busy machine waits for a processor. That is not being blocked.
        """
        try:
            # Unbuffered, which takes the interpreter from the loop's thread less often.
            with open(self.statistics, "rb", buffering=0) as statistics:
                computed, waited = map(int, statistics.read(100).split()[:2])
        except (OSError, ValueError):  # Another system than Linux, or the thread has ended.
            computed = waited = -1
        return time.monotonic_ns(), computed, waited


def _name(thread):
    """Names a thread for the system: loopscope counts the threads that are the program's own."""
    try:
        with open(f"/proc/self/task/{thread}/comm", "w") as name:
            name.write("loopscope")
    except OSError:
        pass


def _lines(frame):
    """The lines of the program at which a thread is in a step, the innermost first."""
    lines = []
    while frame is not None and frame.f_code.co_name != "_run_once":
        if is_program(frame.f_code.co_filename):
            lines.append((frame.f_code, frame.f_lineno or 0))
        frame = frame.f_back
    return tuple(lines)
