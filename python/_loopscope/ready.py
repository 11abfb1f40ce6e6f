"""The ready queue of a loop. It notices each step.

Only `BaseEventLoop._run_once` takes entries out of the queue, with `popleft`. So one step lasts from
one `popleft` to the next, or to the next call of `select`. What the queue has gained in between was
woken by that step. What it has gained between `select` and the first `popleft` was woken by I/O, by
another thread, or by a timer.

In the most frequent steps numbers are appended one by one, which is faster than `+=` with a tuple.
"""

from asyncio import Future, Handle, Task, events
from collections import deque

from . import waits
from .clock import now_ns
from .parts import failures, functions, inner, late, names, order, races
from .recorder import give_up, recorders
from .settings import DETAIL, IS_VIRTUAL, WAITS
from .wire import (
    ACQUIRE, ASLEEP, BLOCK, CANCEL, CANCELLED, DONE, FIRED, FIRST, FROM, NEXT, ON_TIMER, ON_YIELD,
    PARK, RECEIVE, RUN, SCHEDULED, SEND, START, STOP, THROWN, TICK, TIMER, WAIT, WAKE, WOKE, YIELD,
)  # fmt: skip

#: After this many nanoseconds commands are looked at, and the lines of the tasks that sleep: so
#: each wait of a millisecond has its line. Blocks are sent then, too.
INTERVAL = 800_000
#: After this many, what has been recorded is sent, however little it is.
PATIENCE = 20_000_000
#: The first yields in a row get their lines: this number of them. Afterwards one in each `INTERVAL`
#: does.
YIELDS = 1000
#: The latest deadline that the wire carries, in seconds.
LATEST = 9e9

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
        "check_at", "now", "plain_select", "connection", "began", "is_running", "outer", "around",
        "late", "yields", "failed", "held",
    )  # fmt: skip

    def __init__(self, loop, recorder):
        super().__init__(loop._ready)
        self.recorder = recorder
        self.out, self.failed, self.held = recorder.out, recorder.failed, recorder.held
        #: For each entry its task, or None, and the first number of the event of its step.
        self.owners = deque()
        #: Those of the step that runs.
        self.entry = None, 0
        #: The task that runs; None while a callback runs, and between the steps.
        self.task = None
        #: The loop is between `select` and the first step of the tick.
        self.is_waiting = True
        #: The tasks whose lines are not known yet, with what each waits for as far as it is known.
        self.asleep = {}
        #: The numbers of the timers that are set, by the `id` of the handle.
        self.timers = {}
        #: The names of the threads that have scheduled a callback, by the callback's `id`.
        self.threads = {}
        #: When `check` is due.
        self.check_at = 0
        #: The time of the loop, and that at the beginning of the tick if nothing has happened
        #: since.
        self.now, self.began = now_ns, None
        self.is_running = False
        #: The ready queue of the loop around this one; the steps of other threads' loops in which this loop
        #: has begun to run; what the watchdog has seen of a step that lasts long.
        self.outer = self.around = self.late = None
        #: The selector's own `select`, and the connection to loopscope if the selector watches it.
        self.plain_select = self.connection = None
        #: How many yields get their lines.
        self.yields = YIELDS * _RECORDS_WAITS

    def hold(self):
        """Takes the pauses of the program out of the time from now on."""
        if self.recorder.paused:
            self.now = self.recorder.now

    def of_program(self, found):
        """What a selector has found, without what belongs to the adapter."""
        return [entry for entry in found if entry[0].fileobj is not self.connection]

    def wait(self, timeout):
        """Sends what was recorded, selects for the program, and obeys commands meanwhile."""
        self.began = None
        self.recorder.flush()
        until = None if timeout is None else self.now() + int(timeout * 1e9)
        while True:
            found = self.plain_select(timeout)
            entries = self.of_program(found)
            if len(entries) != len(found):
                self.recorder.control.obey(True, self.now())
                self.check_at = 0
                timeout = None if until is None else max(0, until - self.now()) / 1e9
                if not entries and timeout != 0:
                    continue
            if self.__class__ is Ready:
                self.out += (WOKE, self.now())
                if len(self) > len(self.owners):
                    functions.woken_from_outside(self, found)
                self.recorder.watchdog.wake()
            return entries

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
            owners, task, began = self.owners, self.task, self.began
            gained = len(self) - len(owners)
            if began:
                if gained or began >= self.check_at:
                    self.begin_step(gained)
                else:
                    # Nothing has happened since the beginning of the tick, whose time is known.
                    self.is_waiting, self.began = False, None
                    self.entry = task, number = owners.popleft()
                    self.task, out = task, self.out
                    out.append(FIRST | len(self) << 5)
                    out.append(number)
                    if task is not None and task._must_cancel:
                        out.append(THROWN | number)
            elif (
                gained == 1
                and task is not None
                and task._fut_waiter is None
                and not self.yields
                and not task.done()
                and (now := self.now()) < self.check_at
            ):
                # The most frequent step: the task yields, and nothing else has become ready.
                owners.append(self.entry)
                self.entry = self.task, number = owners.popleft()
                self.out.append(NEXT | number)
                self.out.append(now)
            else:
                self.begin_step(gained)
        except Exception as error:
            give_up(error)
        return _pop(self)

    def begin_step(self, gained):
        """Records the end of the step before, or of the wait, and the beginning of the next."""
        if not self.is_waiting:
            self.end_step(gained)
        else:
            self.is_waiting, self.began = False, None
            if gained:
                self.arrive(gained)
            self.out.append(RUN | len(self) << 5)
        now = self.now()
        if now >= self.check_at:
            now = self.check(now)
        self.entry = self.task, number = self.owners.popleft()
        self.out += (number, now)
        if self.task is not None and self.task._must_cancel:
            self.out.append(THROWN | number)

    def end_step(self, gained):
        """Records what the queue has gained in a step, and how the step has ended."""
        out, task = self.out, self.task
        if gained == 1:
            handle = self[-1]
            callback = handle._callback
            if (
                handle.__class__ is Handle
                and callback.__class__ is _BUILTIN
                and (owner := callback.__self__).__class__ is Task
                and (given := handle._args)
                and (waiter := given[0]).__class__ is Future
                and waiter is owner._fut_waiter
                and not waiter.cancelled()
                and (number := getattr(owner, "_loopscope", None)) is not None
            ):
                # The most frequent wake: that of a task by the future that it waits for. The name of a
                # callback in C is a new text each time.
                out.append(WAKE | number)
                self.owners.append((owner, number))
            else:
                self.scan(callback)
        elif gained > 0:
            for index in range(-gained, 0):
                self.scan(self[index]._callback)
        elif gained:
            # Another library has changed the queue: the owners are found anew.
            self.owners.clear()
            for handle in self:
                self.scan(handle._callback)
        if self.late is not None:
            late.tell(self)
        if self.failed:
            failures.look(self.recorder)
        if self.held:
            races.look(task, self.recorder)
        if task is None:
            return
        waiter = task._fut_waiter
        if waiter is not None:
            if _RECORDS_WAITS:
                self.suspend(task, waiter)
        elif task.done():
            self.end(task)
        else:
            out.append(YIELD)
            if self.yields:
                self.yields -= 1
                place = waits.place(waits.chain(task), self.recorder)
                out += (ASLEEP | task._loopscope, ON_YIELD, -1, place)

    def suspend(self, task, waiter):
        """Records what a task waits for, as far as that is known, and returns it."""
        owner, found = self.recorder.about_to_wait, getattr(waiter, "_loopscope", None)
        if owner is not None and found is None and not isinstance(waiter, waits.TASKS):
            self.recorder.about_to_wait = None
            number = getattr(owner, "_loopscope", None)
            if number.__class__ is not int:
                number = names.number_of(owner, self.recorder)
            putters = getattr(owner, "_putters", None)
            kind = ACQUIRE if putters is None else SEND if putters and putters[-1] is waiter else RECEIVE
            found = WAIT | number, kind
        elif found.__class__ is not tuple:
            found = waits.mark(waiter, self.recorder)
            if not found and self.yields and self.task is task:
                return functions.describe_now(task, waiter, self)
        self.out += found
        self.asleep[task] = waiter, found
        return found

    def end(self, task):
        """Records how a task has ended."""
        is_cancelled = task.cancelled()
        if is_cancelled or task._exception is None:
            self.out += (DONE, int(is_cancelled), -1)
        else:
            failures.failed(task, self.recorder)
        self.asleep.pop(task, None)

    def scan(self, callback):
        """Records an entry that is new."""
        kind = callback.__class__
        if kind is _BUILTIN and callback.__name__ in _BOUND or kind in _STEPS:
            task = callback.__self__
        else:
            task = _stepped(callback, kind)
            if task is None:
                number = next(self.recorder.callbacks)
                self.out += (SCHEDULED | number << 5, self.recorder.text(name_of(callback)))
                self.owners.append((None, ~number << 5))
                return
        number = getattr(task, "_loopscope", None)
        if number is None:
            number = self.recorder.spawn(task, -1)
        waiter = task._fut_waiter
        # A future of another library may lack the method.
        if waiter is not None and getattr(waiter, "cancelled", bool)() and is_asked(task, waiter):
            self.out.append(CANCEL | number)
        self.out.append(WAKE | number)
        self.owners.append((task, number))

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
            self.scan(callback)

    def select(self, timeout=None):
        """Takes the place of the selector's `select`: ends the tick, and begins the next one."""
        if self.__class__ is Ready:
            try:
                gained = len(self) - len(self.owners)
                if not self.is_waiting:
                    self.end_step(gained)
                    self.task, self.is_waiting = None, True
                elif gained:
                    self.arrive(gained)
                self.began = now = self.now()
                out = self.out
                out.append(TICK)
                out.append(now)
                if timeout != 0:
                    self.recorder.settle(is_idle=True)
                    self.out += (PARK, -1 if timeout is None else now + int(timeout * 1e9))
                if now >= self.check_at:
                    self.began = self.check(now)
            except Exception as error:
                give_up(error)
        if timeout != 0:
            return self.wait(timeout)
        found = self.plain_select(timeout)
        if found:
            self.began = None
            return self.of_program(found)
        return found

    def check(self, now):
        """Finds lines, obeys commands, and sends what there is to be sent. Returns the time."""
        recorder = self.recorder
        control = recorder.control
        if self.asleep and not IS_VIRTUAL:
            self.find_lines()
        if control.is_paused or control.has_command():
            recorder.flush()
            control.obey(self.is_waiting, now)
            now = self.now()
        if not self.is_waiting:
            if control.choices:
                order.choose(control, self)
        elif control.snapshots is not None:
            control.snapshots.take(self)
        if self.yields < YIELDS:
            self.yields += _RECORDS_WAITS
        if len(self.out) > BLOCK or now_ns() - recorder.sent > PATIENCE:
            recorder.flush()
        # A virtual clock does not tell how long the last check is past.
        self.check_at = 0 if control.is_paused or IS_VIRTUAL or control.choices else now + INTERVAL
        return now

    def find_lines(self):
        """Finds where the tasks wait that are asleep. A suspended task's frames do not change."""
        for task, (waiter, found) in self.asleep.items():
            if task._fut_waiter is waiter:
                self.recorder.rename(task)
                found = waits.describe(task, waiter, found, self.recorder)
                self.out += (ASLEEP | task._loopscope, *found)
        self.asleep.clear()

    def set_timer(self, handle, when):
        """Records a timer. Returns the numbers of a wait for it."""
        number = next(self.recorder.timers) << 5
        self.timers[id(handle)] = FIRED | number
        task = -1 if self.task is None else self.task._loopscope >> 5
        # A program may sleep for `math.inf` seconds.
        deadline = int((when if when < LATEST else LATEST) * 1e9) if when > 0 else 0
        self.out += (TIMER | number, deadline, task)
        return WAIT | number, ON_TIMER

    def cancel_timer(self, handle):
        number = self.timers.pop(id(handle), None)
        if number is not None:
            self.out.append(number & ~31 | CANCELLED)

    def start(self):
        """The loop begins to run."""
        recorder = self.recorder
        self.is_running = True
        self.outer, recorder.ready = recorder.ready, self
        self.around = inner.Around() if len(recorders) > 1 else None
        self.hold()
        self.out += (START, self.now())
        recorder.watchdog.wake()

    def stop(self):
        """The loop no longer runs."""
        if not self.is_waiting:
            self.end_step(len(self) - len(self.owners))
        if self.failed:
            failures.release(self.recorder)
        self.is_waiting, self.task = True, None
        self.find_lines()
        self.out += (STOP, self.now())
        self.recorder.flush()
        self.is_running = False
        self.recorder.ready = self.outer
        if self.around is not None:
            self.around.end(self.recorder.thread.name)


def _stepped(callback, kind):
    """The task that a rare callback steps: the first of its type, or one of a task in Python."""
    task = getattr(callback, "__self__", None)
    if kind.__name__ in _STEP_NAMES:
        _STEPS.add(kind)
        return task
    return task if isinstance(task, waits.TASKS) and callback.__name__ in _BOUND else None


def is_asked(task, waiter):
    """Whether the cancellation of a task was requested, whose `waiter` is cancelled."""
    cancelling = getattr(task, "cancelling", None)
    # Before 3.11 tasks do not tell. The waiter may be a task that was cancelled on its own.
    return cancelling() > 0 if cancelling is not None else not isinstance(waiter, waits.TASKS)


def name_of(callback):
    """The name of a callback's function."""
    name = getattr(callback, "__qualname__", None)
    if name is None:
        function = getattr(callback, "func", None)
        return type(callback).__name__ if function is None else name_of(function)
    return name.replace("<locals>.", "") if "<" in name else name
