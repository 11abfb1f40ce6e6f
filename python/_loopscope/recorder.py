"""The numbers of tasks, names, places and resources of one recording."""

import functools
import os
import sys
import threading
from collections import deque
from itertools import count

from . import wire
from .clock import now_ns
from .control import Control
from .parts import inner, threads
from .places import program_frame
from .watchdog import Watchdog
from .wire import Wire

#: How many texts are remembered, in case they occur again.
MOST_TEXTS = 20_000


class _Local(threading.local):
    """What belongs to a thread."""

    recorder = None


local = _Local()
recorders = []


def recorder():
    """The recorder of this thread."""
    found = local.recorder
    if found is None or found.wire.is_inherited():
        if recorders:
            inner.forget_ended()
        found = local.recorder = Recorder()
        recorders.append(found)
    return found


def give_up(error):
    """Ends all recordings after an error of the adapter: the program continues, unobserved."""
    for found in recorders:
        found.close()
    # With one of these, loopscope has gone, and the files of the adapter with it.
    if not isinstance(error, (ImportError, ConnectionError, FileNotFoundError)):
        print(f"loopscope: the recording ends: {type(error).__name__}: {error}", file=sys.stderr)


class Recorder:
    """What one thread has recorded."""

    def __init__(self):
        self.thread = threading.current_thread()
        self.wire = Wire(self.thread.name)
        self.control = Control(self)
        self.out = []
        #: How long the program was paused, in nanoseconds: its loops' time does not advance
        #: meanwhile. When events were last sent.
        self.paused = self.sent = 0
        self.tasks, self.callbacks, self.timers, self.resources = (count() for _ in range(4))
        self._lines, self.places = count(), {}
        #: The number of a text that may occur again.
        self.text = functools.lru_cache(MOST_TEXTS)(self.line)
        #: The code objects of the places, which are known by their `id`: their hash is slow.
        self._codes = []
        #: The lock, queue or event that has just asked for its loop, because it is about to wait.
        self.about_to_wait = None
        #: The ready queue of the loop that runs.
        self.ready = None
        #: Looks at steps that last long.
        self.watchdog = Watchdog(self)
        #: What suspended tasks have read, and will write. The failed tasks whose exceptions were not
        #: retrieved yet.
        self.held, self.failed = [], []
        #: Events that were found where nothing may be recorded. A reference whose object was freed
        #: stands for its event in `alive`, which has the references to all resources by their `id`.
        self.later, self.alive = deque(), {}
        #: The other threads of the program, once the loop has waited beside one.
        self.threads = None

    def now(self):
        return now_ns() - self.paused

    def close(self):
        """Ends this recording."""
        if self.ready is not None:
            self.ready.turn_off()
        self.watchdog.stop()
        self.wire.close()

    def settle(self, is_idle=False):
        """Records what has to be known before the loop waits, or before what was recorded is sent."""
        if is_idle and (self.threads or threading.active_count() > 1):
            self.threads = (self.threads or threads.Threads(self)).look()
        # Only the thread of the tasks may look at their frames.
        if self.ready is not None and local.recorder is self:
            self.ready.find_lines()
        while self.later:
            self.out += self.alive.pop(id(event := self.later.popleft()), (None, event))[1]

    def flush(self):
        self.settle()
        if self.out:
            self.sent = now_ns()
            self.wire.flush(self.out, len(self.out) // 4)

    def line(self, text):
        """The number of a text that occurs once."""
        number = next(self._lines)
        self.wire.texts.append(text.encode("utf-8", "replace"))
        return number

    def place(self, code, instruction, line, outer=-1):
        """The number of a place in the source, awaited from the place `outer`."""
        key = (outer, id(code), instruction)
        number = self.places.get(key)
        if number is None:
            number = self.places[key] = len(self.places)
            self._codes.append(code)
            name = getattr(code, "co_qualname", code.co_name)
            file, name = self.text(_shown(code.co_filename)), self.text(name)
            self.wire.places += (file, line() or 0, name, outer)
        return number

    def caller(self):
        """The place in the program from which the adapter was called; -1 outside of it."""
        frame = program_frame(sys._getframe(2))
        return -1 if frame is None else self.frame_place(frame)

    def frame_place(self, frame, outer=-1):
        return self.place(frame.f_code, frame.f_lasti, lambda: frame.f_lineno, outer)

    def task(self, task):
        """The number of a task. One that is not known yet was created in a way that is not seen."""
        number = getattr(task, "_loopscope", None)
        return self.spawn(task, -1) if number is None else number

    def spawn(self, task, place, coroutine=None):
        number = task._loopscope = next(self.tasks) << 5
        running = self.ready.task if self.ready is not None else None
        parent = -1 if running is None or running is task else running._loopscope >> 5
        task._loopscope_name = task.get_name()
        self.out += (wire.SPAWN | number, self.text(_task_name(task, coroutine)), place, parent)
        return number

    def rename(self, task):
        """Records the name of a task, if the task got it after its creation."""
        name = task.get_name()
        if getattr(task, "_loopscope_name", name) != name:
            task._loopscope_name = name
            self.out += (wire.NAME | task._loopscope, self.text(str(name)))


@functools.lru_cache(maxsize=None)
def _shown(file):
    """The name of a file: relative to the working directory if it is below it."""
    return os.path.abspath(file).removeprefix(os.getcwd() + os.sep)


def _task_name(task, coroutine):
    """The name that a task was given, or else that of its coroutine."""
    name = str(task._loopscope_name)
    if not name.startswith("Task-") and name != "None":
        return name
    # The coroutine of an eager task that has ended must not be asked for: CPython 3.12.0 crashes.
    if coroutine is None and not task.done():
        coroutine = task.get_coro()
    return (getattr(coroutine, "__qualname__", None) or name).rpartition(".")[2] or name
