"""The numbers of tasks, names, places and resources of one recording."""

import linecache
import os
import re
import sys
import threading
from collections import deque
from itertools import count

from . import clock, ends
from .clock import now_ns
from .control import Control
from .places import is_program, program_frame
from .watchdog import HAS_THREADS, Watchdog
from .wire import (
    BARRIER, CHANNEL, CHILD, DETAIL, EVENT, LISTENER, LOCK, MEMBER, NAME, OTHER_IO, RESOURCE, SEMAPHORE,
    SPAWN, STREAM, WAITS, Wire,
)  # fmt: skip

#: The kinds of resources whose end is recorded: those that a program may keep for ever by mistake.
_HANDLES = frozenset((CHANNEL, LOCK, SEMAPHORE, EVENT, LISTENER, STREAM, OTHER_IO, CHILD, BARRIER))
#: How many texts are remembered, in case they occur again.
MOST_TEXTS = 20_000
_ASSIGNED = r"\s*(?:self\.)?([A-Za-z_]\w*)\s*(?::[^=]+)?=[^=]"


class _Local(threading.local):
    """What belongs to a thread."""

    recorder = None


local = _Local()
recorders = []


def recorder():
    """The recorder of this thread."""
    found = local.recorder
    if found is None or found.wire.is_inherited():
        for ended in [found for found in recorders if not found.thread.is_alive()]:
            ended.close()
            recorders.remove(ended)
        found = local.recorder = Recorder()
        recorders.append(found)
    return found


def give_up(error):
    """Ends all recordings after an error of the adapter: the program continues, unobserved."""
    for found in recorders:
        found.leave()
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
        self.tasks, self.callbacks, self.timers, self.resources = (count() for _ in range(4))
        self._lines, self._texts, self._places, self._files = count(), {}, {}, {}
        #: The code objects of the places, which are known by their `id`: their hash is slow.
        self._codes = []
        #: The lock, queue or event that has just asked for its loop, because it is about to wait.
        self.about_to_wait = None
        #: The ready queue of the loop that runs.
        self.ready = None
        #: Looks at steps that last long.
        self.watchdog = None
        self.watches = (
            HAS_THREADS
            and DETAIL >= WAITS
            and not clock.IS_VIRTUAL
            and not _prints_threads(self.wire)
        )
        #: The failed tasks whose exceptions were not retrieved yet.
        self.failed = []
        #: Events that were found where nothing may be recorded, and the objects whose end is recorded.
        self.later, self.kept = deque(), set()

    def now(self):
        return now_ns() - self.paused

    def watch(self):
        """Lets the watchdog look at the next steps."""
        if self.watchdog is None and self.watches:
            try:
                self.watchdog = Watchdog(self)
            except RuntimeError:  # There can be no more threads.
                self.watches = False
        elif self.watchdog is not None and self.watchdog.is_asleep:
            self.watchdog.wake()

    def unwatch(self):
        """Ends the watchdog until the next call of `watch`."""
        if self.watchdog is not None:
            self.watchdog.stop()
            self.watchdog = None

    def leave(self):
        """Ends this recording."""
        if self.ready is not None:
            self.ready.turn_off()
        self.close()

    def close(self):
        self.unwatch()
        self.wire.close()

    def announce_members(self, group, tasks):
        for task in tasks:
            self.out += (MEMBER | self.task(task), group >> 5)

    def pause(self, nanoseconds):
        """The program was held for this long."""
        if nanoseconds:
            clock.hold()
        self.paused += nanoseconds
        if self.ready is not None:
            self.ready.hold()

    def flush(self):
        while self.later:
            self.out += self.later.popleft()
        if self.out:
            self.sent = now_ns()
            self.wire.flush(self.out, len(self.out) // 4)

    def text(self, text):
        """The number of a text that may occur again."""
        number = self._texts.get(text)
        if number is None:
            if len(self._texts) > MOST_TEXTS:
                self._texts.clear()
            number = self._texts[text] = self.line(text)
        return number

    def line(self, text):
        """The number of a text that occurs once."""
        number = next(self._lines)
        self.wire.texts.append(text.encode("utf-8", "replace"))
        return number

    def place(self, code, instruction, line, outer=-1):
        """The number of a place in the source, awaited from the place `outer`."""
        key = (outer, id(code), instruction)
        number = self._places.get(key)
        if number is None:
            number = self._places[key] = len(self._places)
            self._codes.append(code)
            name = getattr(code, "co_qualname", code.co_name)
            file = self._files.get(code.co_filename)
            if file is None:
                file = self._files[code.co_filename] = _shown(code.co_filename)
            self.wire.places += (self.text(file), line() or 0, self.text(name), outer)
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
        self.out += (SPAWN | number, self.text(_task_name(task, coroutine)), place, parent)
        task._loopscope_name = task.get_name()
        return number

    def rename(self, task):
        """Records the name of a task, if the task got it after its creation."""
        name = task.get_name()
        if getattr(task, "_loopscope_name", name) != name:
            task._loopscope_name = name
            self.out += (NAME | task._loopscope, self.text(str(name)))

    def resource(self, owner, kind, name, place=-1, limit=0):
        """The number of the resource that an object is, which is announced at its first use."""
        found = getattr(owner, "_loopscope", None)
        if found.__class__ is int:
            return found
        if found.__class__ is tuple:
            place, name = self._creation(found, name)
        number = next(self.resources) << 5
        try:
            owner._loopscope = number
        except AttributeError:
            pass
        self.out += (RESOURCE | number, kind, self.text(name), place, limit)
        if owner is not None and kind in _HANDLES:
            ends.keep(self, owner, number)
        return number

    def _creation(self, created, name):
        """The place at which an object was created, and the name that it was given there."""
        code, instruction, line = created
        assigned = re.match(_ASSIGNED, linecache.getline(code.co_filename, line))
        place = self.place(code, instruction, lambda: line)
        return place, assigned.group(1) if assigned else name


def _prints_threads(wire):
    """Whether a crash of the program prints the stacks of its threads: then there is no other one."""
    handler = sys.modules.get("faulthandler")
    return wire.socket is not None and handler is not None and handler.is_enabled()


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


def describe_error(error):
    return f"{type(error).__name__}: {error}" if str(error) else type(error).__name__


def outcome(task, recorder):
    """How a task has ended, and the number of its exception's text or -1."""
    if task.cancelled():
        return 1, -1
    # `task.exception()` would mark the exception as retrieved.
    error = task._exception
    return (0, -1) if error is None else (2, recorder.text(describe_error(error)))
