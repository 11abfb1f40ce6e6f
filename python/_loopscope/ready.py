"""The ready queue of a loop. It notices each step.

Only `BaseEventLoop._run_once` takes entries out of the queue, with `popleft`. So one step lasts from
one `popleft` to the next, or to the next call of `select`. What the queue has gained in between was
woken by that step. What it has gained between `select` and the first `popleft` was woken by I/O, by
another thread, or by a timer.
"""

from asyncio import Task, events
from collections import deque

from . import failures, inner, waits
from .clock import IS_VIRTUAL, now_ns
from .recorder import give_up, outcome
from .wire import (
    ASLEEP, BLOCK, CANCEL, DETAIL, DONE, FIRST, FROM, JOIN, NEXT, PARK, RUN, SCHEDULED, START, STOP,
    THROWN, TICK, WAITS, WAKE, WOKE, YIELD,
)  # fmt: skip

#: After this many nanoseconds at the latest it is looked whether there is a block to be sent. Small
#: blocks stay in the processor's cache: with large ones, a step takes half as long again.
GLANCE = 250_000
#: After this many, commands and the lines of the tasks that sleep are looked at: together with the
#: above, each wait of a millisecond has its line.
INTERVAL = 700_000
#: After this many, what has been recorded is sent, however little it is.
PATIENCE = 20_000_000

_RECORDS_WAITS = DETAIL >= WAITS
_pop = deque.popleft
_STEP_NAMES = ("TaskStepMethWrapper", "TaskWakeupMethWrapper")
#: The types of the callbacks that step a task, as they are met.
_STEPS = set()
_BUILTIN = type(len)
_BOUND = ("task_wakeup", "__step", "__wakeup", "_Task__step", "_Task__wakeup")


class Quiet(deque):
    """The `_ready` of a loop that is not recorded now."""

    __slots__ = (
        "recorder", "out", "owners", "entry", "task", "is_waiting", "asleep", "timers", "threads",
        "check_at", "look_at", "now", "began", "is_running", "outer",
        "around",
    )  # fmt: skip

    def __init__(self, loop, recorder):
        super().__init__(loop._ready)
        self.recorder = recorder
        self.out = recorder.out
        #: For each entry its task, or None, and the first numbers of the events of its step.
        self.owners = deque()
        #: Those of the step that runs.
        self.entry = None, 0, 0
        #: The task that runs; None while a callback runs, and between the steps.
        self.task = None
        #: The loop is between `select` and the first step of the tick.
        self.is_waiting = True
        #: The tasks whose lines are not known yet, with what each waits for.
        self.asleep = {}
        #: The events that tell of the end of each timer, by the `id` of its handle.
        self.timers = {}
        #: The names of the threads that have scheduled a callback, by the callback's `id`.
        self.threads = {}
        #: When `check` is due, and when it looks at commands.
        self.check_at = self.look_at = 0
        #: The time of the loop, and that at the beginning of the tick if nothing has happened since.
        self.now, self.began = now_ns, None
        self.is_running = False
        #: The ready queue of the loop around this one.
        self.outer = None
        #: The steps of other threads' loops in which this loop has begun to run.
        self.around = ()

    def hold(self):
        """Takes the pauses of the program out of the time from now on."""
        if self.recorder.paused:
            self.now = self.recorder.now

    def is_off(self):
        return self.__class__ is Quiet

    def turn_off(self):
        self.__class__ = Quiet
        if self.recorder.ready is self:
            self.recorder.ready = None

    def start(self):
        self.is_running = True

    def stop(self):
        """What follows the tasks that `asyncio.run` ends with is recorded again."""
        self.is_running = False
        if self.recorder.wire.socket is not None:
            self.__class__ = Ready


class Ready(Quiet):
    """The `_ready` of a loop that is recorded."""

    __slots__ = ()

    def popleft(self):
        try:
            owners, task = self.owners, self.task
            if (
                task is not None
                and len(self) - len(owners) == 1
                and task._fut_waiter is None
                and not task.done()
                and (now := self.now()) < self.check_at
            ):
                # The most frequent step: the task yields, and nothing else has become ready.
                owners.append(self.entry)
                self.entry = self.task, _, number = owners.popleft()
                self.out.append(number)
                self.out.append(now)
            else:
                self.begin_step()
        except Exception as error:
            give_up(error)
        return _pop(self)

    def begin_step(self):
        """Records the end of the step before, or of the wait, and the beginning of the next step."""
        gained = len(self) - len(self.owners)
        began = None
        if not self.is_waiting:
            self.end_step(gained)
        else:
            self.is_waiting = False
            if gained:
                self.arrive(gained)
            elif self.began and self.began < self.check_at:
                # Nothing has happened since the beginning of the tick, whose time is known.
                began = self.began
                self.out.append(FIRST | len(self) << 5)
            if began is None:
                self.out.append(RUN | len(self) << 5)
        if began is None:
            now = self.now()
            if now >= self.check_at:
                now = self.check(now)
        self.entry = task, number, _ = self.owners.popleft()
        self.task = task
        self.out.append(number)
        if began is None:
            self.out.append(now)
        if task is not None and task._must_cancel:
            self.out.append(THROWN | number)

    def end_step(self, gained):
        """Records what the queue has gained in a step, and how the step has ended."""
        if gained == 1:
            self.scan(self[-1]._callback)
        elif gained > 0:
            for index in range(-gained, 0):
                self.scan(self[index]._callback)
        elif gained:
            self.resynchronise()
        if self.recorder.failed:
            failures.look(self.recorder)
        task = self.task
        if task is None:
            return
        waiter = task._fut_waiter
        if waiter is None:
            if task.done():
                self.out += (DONE, *outcome(task, self.recorder))
                if not task.cancelled() and task._exception is not None:
                    failures.failed(task, self.recorder)
                self.asleep.pop(task, None)
            else:
                self.out.append(YIELD)
        elif _RECORDS_WAITS:
            found = getattr(waiter, "_loopscope", None)
            if found is None:
                found = waits.mark(waiter, self.recorder)
            if found.__class__ is int:
                self.out.append(JOIN | found)
            elif found:
                self.out += found
            self.asleep[task] = waiter

    def scan(self, callback):
        """Records an entry that is new."""
        kind = callback.__class__
        if kind is _BUILTIN and callback.__name__ in _BOUND or kind in _STEPS:
            self.wake(callback.__self__)
        else:
            self.scan_callback(callback)

    def wake(self, task):
        """Records that a task was woken."""
        number = getattr(task, "_loopscope", None)
        if number is None:
            number = self.recorder.spawn(task, -1)
        waiter = task._fut_waiter
        if waiter is not None and waiter.cancelled() and is_cancelled(task, waiter):
            self.out.append(CANCEL | number)
        self.out.append(WAKE | number)
        self.owners.append((task, number, number | NEXT))

    def scan_callback(self, callback):
        """Records a new entry that is rare: that of a callback, or of a task in Python."""
        kind = type(callback)
        if kind.__name__ in _STEP_NAMES:
            _STEPS.add(kind)
        task = getattr(callback, "__self__", None)
        if kind in _STEPS or isinstance(task, Task) and callback.__name__ in _BOUND:
            self.wake(task)
            return
        number = next(self.recorder.callbacks)
        self.out += (SCHEDULED | number << 5, self.recorder.text(name_of(callback)))
        self.owners.append((None, ~number << 5, ~number << 5 | NEXT))

    def arrive(self, gained):
        """Records what has entered the queue while the loop waited."""
        cause = -1
        for index in range(-gained, 0):
            handle = self[index]
            callback = handle._callback
            if isinstance(handle, events.TimerHandle):
                fired = self.timers.pop(id(handle), None)
                if fired is not None:
                    self.out.append(fired)
            else:
                name = self.threads.pop(id(callback), None) if self.threads else None
                thread = -1 if name is None else self.recorder.text(name)
                if thread != cause:
                    cause = thread
                    self.out.append(FROM | cause << 5)
            self.scan_callback(callback)

    def resynchronise(self):
        """Finds the owners anew, because another library has changed the queue."""
        self.owners.clear()
        for handle in self:
            self.scan(handle._callback)

    def end_tick(self, timeout):
        """Ends the tick. Sends what was recorded if the loop is about to wait."""
        gained = len(self) - len(self.owners)
        if not self.is_waiting:
            self.end_step(gained)
        elif gained:
            self.arrive(gained)
        self.began = now = self.now()
        self.task = None
        self.is_waiting = True
        self.out.append(TICK)
        self.out.append(now)
        if self.recorder.control.snapshots is not None:
            self.recorder.control.snapshots.take(self)
        if timeout is None or timeout > 0:
            self.find_lines()
            until = -1 if timeout is None else now + int(timeout * 1e9)
            self.out += (PARK, until)
            self.recorder.flush()
            self.began = None
            if not self.check_at:
                self.check(now)
        elif now >= self.check_at:
            self.began = self.check(now)

    def woke(self):
        """The loop has waited."""
        self.out += (WOKE, self.now())

    def check(self, now):
        """Finds lines, obeys commands, and sends what has not been sent for a while. Returns the
        time."""
        recorder = self.recorder
        if now >= self.look_at:
            control = recorder.control
            if self.asleep and not IS_VIRTUAL:
                self.find_lines()
            if control.is_paused or control.has_command():
                self.find_lines()
                recorder.flush()
                recorder.pause(control.obey(self.is_waiting, now))
                now = self.now()
            if control.choices and not self.is_waiting:
                control.choose(self)
            # A virtual clock does not tell how long the last check is past.
            always = control.is_paused or IS_VIRTUAL or control.choices
            self.look_at = 0 if always else now + INTERVAL
            if now_ns() - recorder.sent > PATIENCE:
                recorder.flush()
        if len(self.out) > BLOCK:
            recorder.flush()
        self.check_at = self.look_at and now + GLANCE
        return now

    def find_lines(self):
        """Finds where the tasks wait that are asleep. A suspended task's frames do not change."""
        for task, waiter in self.asleep.items():
            if task._fut_waiter is waiter:
                self.recorder.rename(task)
                found = waits.describe(task, waiter, self.recorder)
                self.out += (ASLEEP | task._loopscope, *found)
        self.asleep.clear()

    def start(self):
        """The loop begins to run."""
        recorder = self.recorder
        self.is_running = True
        self.outer, recorder.ready = recorder.ready, self
        self.around = inner.around()
        self.hold()
        self.out += (START, self.now())

    def stop(self):
        """The loop no longer runs."""
        if not self.is_waiting:
            self.end_step(len(self) - len(self.owners))
        failures.release(self.recorder)
        self.is_waiting, self.task = True, None
        self.out += (STOP, self.now())
        self.recorder.flush()
        self.is_running = False
        self.recorder.ready = self.outer
        if self.around:
            inner.ends(self.around, self.recorder.thread.name)
            self.around = ()


def is_cancelled(task, waiter):
    """Whether the cancellation of a task was requested, whose `waiter` is cancelled."""
    cancelling = getattr(task, "cancelling", None)
    if cancelling is None:
        # Before 3.11 tasks do not tell. The waiter may be a task that was cancelled on its own.
        return not isinstance(waiter, Task)
    return cancelling() > 0


def name_of(callback):
    """The name of a callback's function."""
    name = getattr(callback, "__qualname__", None)
    if name is None:
        function = getattr(callback, "func", None)
        return type(callback).__name__ if function is None else name_of(function)
    return name.replace("<locals>.", "") if "<" in name else name
