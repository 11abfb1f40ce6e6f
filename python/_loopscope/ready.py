"""The ready queue of a loop. It notices each step.

Only `BaseEventLoop._run_once` takes entries out of the queue, with `popleft`. So one step lasts from
one `popleft` to the next, or to the next call of `select`. What the queue has gained in between was
woken by that step. What it has gained between `select` and the first `popleft` was woken by I/O, by
another thread, or by a timer.
"""

import os
from asyncio import Task, events
from collections import deque

from . import waits
from .clock import IS_VIRTUAL, now_ns
from .recorder import (
    AGAIN,
    ASLEEP,
    BLOCK,
    CANCEL,
    CANCELLED,
    DONE,
    FIRED,
    FROM,
    JOIN,
    PARK,
    RUN,
    SCHEDULED,
    START,
    STOP,
    TICK,
    WAKE,
    WOKE,
    YIELD,
    give_up,
    outcome,
)

DETAIL = os.environ.get("LOOPSCOPE_DETAIL", "all") not in ("ticks", "causes")

#: Commands and unsent events are looked at after this many nanoseconds at the latest.
INTERVAL = 5_000_000

_pop = deque.popleft
_STEP_NAMES = ("TaskStepMethWrapper", "TaskWakeupMethWrapper")
#: The types of the callbacks that step a task, as they are met.
_STEPS = set()
_BUILTIN = type(len)
_BOUND = ("task_wakeup", "__step", "__wakeup", "_Task__step", "_Task__wakeup")


class Ready(deque):
    """A loop's `_ready`."""

    __slots__ = (
        "recorder",
        "out",
        "owners",
        "task",
        "known",
        "is_waiting",
        "asleep",
        "timers",
        "threads",
        "check_at",
        "paused",
        "detail",
        "off",
        "is_running",
        "outer",
    )

    def __init__(self, loop, recorder):
        super().__init__(loop._ready)
        self.recorder = recorder
        self.out = recorder.out
        #: For each entry its task, or the number of its callback.
        self.owners = deque()
        #: The task that runs; None while a callback runs, and between the steps.
        self.task = None
        #: How many entries were there when the step began.
        self.known = 0
        #: The loop is between `select` and the first step of the tick.
        self.is_waiting = True
        #: The tasks that have suspended since the loop parked last, with what each waits for.
        self.asleep = {}
        self.timers = {}
        self.threads = {}
        self.check_at = 0
        self.paused = recorder.paused
        #: Whether it is recorded what tasks wait for.
        self.detail = DETAIL
        self.off = False
        self.is_running = False
        self.outer = None

    def popleft(self):
        if self.off:
            return _pop(self)
        try:
            now = now_ns() - self.paused
            out = self.out
            owners = self.owners
            task = self.task
            gained = len(self) - self.known
            if self.is_waiting:
                self.is_waiting = False
                if gained:
                    self.arrive(gained)
                if len(owners) != len(self):
                    self.resynchronise()
                out.append(RUN | len(self) << 5)
            elif task is None:
                if gained:
                    self.scan()
            elif gained == 1 and task is getattr(self[-1]._callback, "__self__", None):
                # The most frequent step: the task yields, and is ready again.
                owners.append(task)
                if task._fut_waiter is None:
                    out.append(AGAIN)
                else:
                    out.append(WAKE | task._loopscope)
                    self.end_of_task(task)
            else:
                if gained:
                    self.scan()
                self.end_of_task(task)
            if now >= self.check_at:
                now = self.check(now)
            owner = owners.popleft()
            if owner.__class__ is int:
                self.task = None
                out += (~owner << 5, now)
            else:
                self.task = owner
                out += (owner._loopscope, now)
            self.known = len(self) - 1
        except Exception as error:
            give_up(error)
        return _pop(self)

    def end_of_task(self, task):
        """Records how the step of a task has ended."""
        waiter = task._fut_waiter
        if waiter is None:
            if task.done():
                self.out += (DONE, *outcome(task, self.recorder))
                self.asleep.pop(task, None)
            else:
                self.out.append(YIELD)
        elif self.detail:
            found = getattr(waiter, "_loopscope", None)
            if found is None:
                found = waits.mark(waiter, self.recorder)
            if found.__class__ is int:
                self.out.append(JOIN | found)
            elif found:
                self.out += found
            self.asleep[task] = waiter

    def end_step(self):
        """Records what the step that ends has done."""
        if len(self) != self.known:
            self.scan()
        if self.task is not None:
            self.end_of_task(self.task)

    def scan(self):
        """Looks at the entries that are new."""
        owners, out = self.owners, self.out
        gained = len(self) - self.known
        self.known = len(self)
        for index in range(-gained, 0):
            callback = self[index]._callback
            kind = type(callback)
            if kind in _STEPS or kind is _BUILTIN and callback.__name__ in _BOUND:
                task = callback.__self__
                number = getattr(task, "_loopscope", None)
                if number is None:
                    number = self.recorder.spawn(task, -1)
                waiter = task._fut_waiter
                if waiter is not None and waiter.cancelled() and is_cancelled(task, waiter):
                    out.append(CANCEL | number)
                out.append(WAKE | number)
                owners.append(task)
            else:
                self.look_at(callback)

    def wake(self, task):
        """Records that a task was woken, as `scan` does."""
        number = self.recorder.task(task)
        waiter = task._fut_waiter
        if waiter is not None and waiter.cancelled() and is_cancelled(task, waiter):
            self.out.append(CANCEL | number)
        self.out.append(WAKE | number)
        self.owners.append(task)

    def look_at(self, callback):
        """Records a new entry that is rare: that of a callback, or of a task in Python."""
        kind = type(callback)
        if kind.__name__ in _STEP_NAMES:
            _STEPS.add(kind)
        if kind in _STEPS or getattr(callback, "__name__", None) in _BOUND:
            self.wake(callback.__self__)
            return
        number = next(self.recorder.callbacks)
        self.out += (SCHEDULED | number << 5, self.recorder.text(name_of(callback)))
        self.owners.append(number)

    def arrive(self, gained):
        """Records what has entered the queue while the loop waited."""
        out, threads, cause = self.out, self.threads, -1
        for index in range(-gained, 0):
            handle = self[index]
            if isinstance(handle, events.TimerHandle):
                number = self.timers.pop(id(handle), None)
                if number is not None:
                    out.append(FIRED | number << 5)
            else:
                name = threads.pop(id(handle._callback), None) if threads else None
                thread = -1 if name is None else self.recorder.text(name)
                if thread != cause:
                    cause = thread
                    out.append(FROM | cause << 5)
            self.arrive_one(handle._callback)

    def arrive_one(self, callback):
        task = getattr(callback, "__self__", None)
        if isinstance(task, Task) and getattr(callback, "__name__", "__step") in _BOUND:
            self.wake(task)
        else:
            self.look_at(callback)

    def resynchronise(self):
        """Finds the owners anew, because another library has changed the queue."""
        self.owners.clear()
        self.known = 0
        self.scan()

    def before_select(self, timeout):
        """Ends the tick. Sends what was recorded if the loop is about to wait."""
        recorder = self.recorder
        if not self.is_waiting:
            self.end_step()
        elif len(self) != self.known:
            self.scan()
        now = now_ns() - self.paused
        self.task = None
        self.is_waiting = True
        self.out += (TICK, now)
        if self.recorder.control.snapshots is not None:
            self.recorder.control.snapshots.take(self)
        if timeout is None or timeout > 0:
            self.find_lines()
            until = -1 if timeout is None else now + int(timeout * 1e9)
            self.out += (PARK, until)
            recorder.flush()
            if not self.check_at:
                self.check(now)
        elif now >= self.check_at:
            self.check(now)
        self.known = len(self)

    def woke(self):
        """The loop has waited."""
        self.out += (WOKE, now_ns() - self.paused)

    def check(self, now):
        """Obeys commands, and sends what has not been sent for a while. Returns the time."""
        recorder = self.recorder
        control = recorder.control
        if control.is_paused or control.has_command():
            recorder.flush()
            recorder.pause(control.obey(self.is_waiting, now))
            now = now_ns() - self.paused
        if control.choices and not self.is_waiting:
            control.choose(self)
        # A virtual clock does not tell how long the last check is past.
        always = control.is_paused or IS_VIRTUAL or control.choices
        self.check_at = 0 if always else now + INTERVAL
        if len(self.out) > BLOCK or now + self.paused - recorder.sent > INTERVAL * 4:
            recorder.flush()
        return now

    def find_lines(self):
        """Finds where the tasks wait that are asleep. A suspended task's frames do not change."""
        for task, waiter in self.asleep.items():
            if task._fut_waiter is waiter:
                found = waits.describe(task, waiter, self.recorder)
                self.out += (ASLEEP | task._loopscope, *found)
        self.asleep.clear()

    def start(self):
        """The loop begins to run."""
        recorder = self.recorder
        self.is_running = True
        #: The ready queue of the loop around this one.
        self.outer, recorder.ready = recorder.ready, self
        self.paused = recorder.paused
        if not self.off:
            self.out += (START, now_ns() - self.paused)

    def stop(self):
        """The loop no longer runs."""
        recorder = self.recorder
        self.is_running = False
        recorder.ready = self.outer
        if self.off:
            self.off = False
            return
        if not self.is_waiting:
            self.end_step()
        self.is_waiting, self.task, self.known = True, None, len(self)
        self.out += (STOP, now_ns() - self.paused)
        recorder.flush()

    def cancel_timer(self, handle):
        number = self.timers.pop(id(handle), None)
        if number is not None:
            self.out.append(CANCELLED | number << 5)


def is_cancelled(task, waiter):
    """Whether the cancellation of a task was requested, whose `waiter` is cancelled."""
    cancelling = getattr(task, "cancelling", None)
    if cancelling is None:
        # Before 3.11 tasks do not tell. The waiter may be a task that was cancelled on its own.
        return not isinstance(waiter, Task)
    return cancelling() > 0


def name_of(callback):
    """The name of a callback's function."""
    while hasattr(callback, "func"):
        callback = callback.func
    name = getattr(callback, "__qualname__", None) or type(callback).__name__
    return name.replace("<locals>.", "")
