"""The numbers of tasks, names, places and resources of one recording."""

import linecache
import os
import re
import sys
import sysconfig
import threading
from itertools import count

from .clock import now_ns
from .control import Control
from .wire import Wire

# The events of a recording. The lowest five bits of an event's first integer are its code, the bits
# above them its first number, and the rest follows as further integers. The number of a task is kept
# shifted, so that it only has to be combined with a code.
STEP = 0  # task, or minus 1 minus callback; time: the previous step ends, and this one begins
WAKE = 1  # task: it was put into the ready queue
AGAIN = 2  # the running task yields, and was put into the ready queue
YIELD = 3  # the running task yields
SCHEDULED = 4  # callback; name: it was put into the ready queue
WAIT = 5  # number; kind: what the running task waits for
JOIN = 6  # task: the running task waits for it
DONE = 7  # ; outcome, text: the running task ends
TICK = 8  # ; time: the last step and the tick end, the next tick begins
PARK = 9  # ; deadline or -1: the loop waits
WOKE = 10  # ; time: the loop has waited
RUN = 11  # length of the ready queue: the steps of the tick begin
SPAWN = 12  # task; name, place, parent or -1
TIMER = 13  # timer; deadline, task or -1
FIRED = 14  # timer
CANCELLED = 15  # timer
RESOURCE = 16  # resource; kind, name, place, limit
OPERATION = 17  # resource; operation, value, task or -1 for the running one
MEMBER = 18  # task; group
ASLEEP = 19  # task; kind, number, place: what a task waits for, found when the loop parks
OUTPUT = 20  # text; place
FROM = 21  # text of a thread's name, or -1 for I/O: the cause of the next wakes
START = 22  # ; time: a loop begins to run
STOP = 23  # ; time: a loop no longer runs
CANCEL = 24  # task: its cancellation was requested
EAGER = 25  # task: it has taken its first step in its creation; its end or its wait follows

# What a task waits for.
UNKNOWN, ON_TIMER, ON_TASK, SEND, RECEIVE, ACQUIRE, IO, ALL, ANY = range(9)

#: Events are sent when there are this many integers of them.
BLOCK = 8192

_HERE = os.path.dirname(__file__)
_LIBRARIES = ("<frozen", _HERE) + tuple(
    {sysconfig.get_path(name) + os.sep for name in ("stdlib", "platstdlib", "purelib", "platlib")}
)
_ASSIGNED = re.compile(r"\s*(?:self\.)?([A-Za-z_]\w*)\s*(?::[^=]+)?=[^=]")

_local = threading.local()
recorders = []


def current():
    """The recorder of this thread; None if none of its loops has run."""
    return getattr(_local, "recorder", None)


def recorder():
    """The recorder of this thread."""
    found = getattr(_local, "recorder", None)
    if found is None or found.wire.is_inherited():
        for ended in [found for found in recorders if not found.thread.is_alive()]:
            ended.wire.close()
            recorders.remove(ended)
        found = _local.recorder = Recorder()
        recorders.append(found)
    return found


def is_program(file):
    """Whether a file belongs to the program, and not to a library."""
    return not file.startswith(_LIBRARIES)


def give_up(error):
    """Ends all recordings after an error of the adapter: the program continues, unobserved."""
    for found in recorders:
        if found.ready is not None:
            found.ready.off = True
        found.wire.close()
    print(f"loopscope: the recording ends: {type(error).__name__}: {error}", file=sys.stderr)


class Recorder:
    """What one thread has recorded."""

    def __init__(self):
        self.thread = threading.current_thread()
        self.wire = Wire(self.thread.name)
        self.control = Control(self.wire)
        self.out = []
        #: How long the program was paused, in nanoseconds: its loops' time does not advance meanwhile.
        self.paused = 0
        self.sent = 0
        self.tasks = count()
        self.callbacks = count()
        self.timers = count()
        self.resources = count()
        self._texts = {}
        self._places = {}
        self._codes = {}
        #: The lock, queue or event that has just asked for its loop, because it is about to wait.
        self.about_to_wait = None
        #: The ready queue of the loop that runs.
        self.ready = None

    def now(self):
        return now_ns() - self.paused

    def pause(self, nanoseconds):
        """The program was held for this long."""
        self.paused += nanoseconds
        if self.ready is not None:
            self.ready.paused = self.paused

    def flush(self):
        if self.out:
            self.sent = now_ns()
            self.wire.flush(self.out, len(self.out) // 4)

    def text(self, text):
        """The number of a text that may occur again."""
        number = self._texts.get(text)
        if number is None:
            number = self._texts[text] = len(self._texts)
            self.wire.texts.append(text.encode("utf-8", "replace"))
        return number

    def line(self, text):
        """The number of a text that occurs once."""
        number = len(self._texts)
        self._texts[number, text] = number
        self.wire.texts.append(text.encode("utf-8", "replace"))
        return number

    def place(self, code, instruction, line, outer=-1):
        """The number of a place in the source, awaited from the place `outer`."""
        key = (outer, code, instruction)
        number = self._places.get(key)
        if number is None:
            number = self._places[key] = len(self._places)
            name = getattr(code, "co_qualname", code.co_name)
            file = self._codes.get(code.co_filename)
            if file is None:
                file = self._codes[code.co_filename] = self.text(_shown(code.co_filename))
            self.wire.places += (file, line() or 0, self.text(name), outer)
        return number

    def caller(self):
        """The place in the program from which the adapter was called; -1 outside of it."""
        frame = sys._getframe(2)
        while frame is not None and not is_program(frame.f_code.co_filename):
            frame = frame.f_back
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
        self.out += (SPAWN | number, self.text(_task_name(task, coroutine)), place, parent)
        return number

    def eager(self, task):
        """Records the first step of an eager task, which has ended or waits."""
        self.out.append(EAGER | task._loopscope)
        self.control.begun += 1
        if task.done():
            self.out += (DONE, *outcome(task, self))
        else:
            self.out += (WAIT, UNKNOWN)
            if self.ready is not None:
                self.ready.asleep[task] = task._fut_waiter

    def resource(self, owner, kind, name, place=-1, limit=0):
        """The number of the resource that an object is, which is announced at its first use."""
        found = getattr(owner, "_loopscope", None)
        if found.__class__ is int:
            return found
        if found is not None:
            place, name = self.frame_of(found, name)
        number = next(self.resources)
        try:
            owner._loopscope = number
        except AttributeError:
            pass
        self.out += (RESOURCE | number << 5, kind, self.text(name), place, limit)
        return number

    def frame_of(self, created, name):
        """The place at which an object was created, and the name that it was given there."""
        code, instruction, line = created
        assigned = _ASSIGNED.match(linecache.getline(code.co_filename, line))
        place = self.place(code, instruction, lambda: line)
        return place, assigned.group(1) if assigned else name


def _shown(file):
    """The name of a file: relative to the working directory if it is below it."""
    folder = os.getcwd() + os.sep
    file = os.path.abspath(file)
    return file[len(folder) :] if file.startswith(folder) else file


def _task_name(task, coroutine):
    """The name that a task was given, or else that of its coroutine."""
    name = str(task.get_name())
    if not name.startswith("Task-") and name != "None":
        return name
    # The coroutine of an eager task that has ended must not be asked for: CPython 3.12.0 crashes.
    if coroutine is None and not task.done():
        coroutine = task.get_coro()
    function = getattr(coroutine, "__qualname__", None) or name
    return function.replace("<locals>.", "").rpartition(".")[2] or name


def outcome(task, recorder):
    """How a task has ended, and the number of its exception's text or -1."""
    if task.cancelled():
        return 1, -1
    # `task.exception()` would mark the exception as retrieved.
    error = task._exception
    if error is None:
        return 0, -1
    text = f"{type(error).__name__}: {error}" if str(error) else type(error).__name__
    return 2, recorder.text(text)
