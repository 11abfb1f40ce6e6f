"""Says in words what each unfinished task of a loop waits for, from what was recorded."""

import asyncio
import linecache
import os

from _loopscope.wire import (
    ACQUIRED,
    ALL,
    ANY,
    ASLEEP,
    DONE,
    EAGER,
    FIRST,
    JOIN,
    LOCK,
    NAME,
    NEXT,
    ON_TASK,
    ON_TIMER,
    OPERATION,
    RECEIVE,
    RELEASED,
    RESOURCE,
    SEND,
    SPAWN,
    STEP,
    TIMER,
    WAIT,
    YIELD,
)

from .kept import decode

#: The kinds of resources, as their numbers on the wire.
KINDS = (
    "queue", "lock", "semaphore", "event", "future", "group", "listener", "stream",
    "thread pool", "I/O", "process", "barrier", "coroutine",
)  # fmt: skip
_FRAMES = ("cr_frame", "gi_frame", "ag_frame")
_AWAITED = ("cr_await", "gi_yieldfrom", "ag_await")


class Waits:
    """What the tasks of one recording waited for when it ended."""

    def __init__(self, kept):
        self.kept = kept
        self.names, self.resources, self.timers = {}, {}, {}
        self.waits, self.holders = {}, {}
        for number, rest in kept.tasks.items():
            self.names[number] = kept.text(rest[0])
        for number, rest in kept.resources.items():
            self.resources[number] = rest[0], kept.text(rest[1])
        self.running = None
        for block in kept.blocks:
            for event in decode(block):
                self._take(*event)

    def _take(self, code, number, rest):
        running = self.running
        if code in (STEP, NEXT, EAGER, FIRST):
            if code == NEXT:
                self.waits.pop(running, None)
            self.running = rest[0] >> 5 if code == FIRST else number
            self.waits.pop(self.running, None)
        elif code in (SPAWN, NAME):
            self.names[number] = self.kept.text(rest[0])
        elif code == RESOURCE:
            self.resources[number] = rest[0], self.kept.text(rest[1])
        elif code == TIMER:
            self.timers[number] = rest[0]
        elif code == OPERATION and rest[0] in (ACQUIRED, RELEASED):
            user = running if rest[2] < 0 else rest[2]
            self.holders[number] = user if rest[0] == ACQUIRED else None
        elif code == WAIT:
            self.waits[running] = rest[0], number
        elif code == JOIN:
            self.waits[running] = ON_TASK, number
        elif code == ASLEEP:
            self.waits[number] = rest[0], rest[1]
        elif code in (YIELD, DONE):
            self.waits.pop(running, None)

    def name(self, number):
        return f"#{number} {self.names.get(number, 'task')}"

    def words(self, number, now):
        """What a task waits for, at a time of its loop in nanoseconds."""
        kind, what = self.waits.get(number, (0, -1))
        if kind == ON_TIMER:
            due = self.timers.get(what)
            left = "" if due is None else f", due in {max(0, due - now) / 1e9:.3f} s"
            return "waits for a timer" + left
        if kind == ON_TASK:
            return f"waits for task {self.name(what)}"
        if kind < ON_TIMER or what not in self.resources:
            return "waits"
        resource, name = self.resources[what]
        kind_word = KINDS[resource] if resource < len(KINDS) else "resource"
        words = f"{kind_word} `{name}`"
        if kind == SEND:
            return f"waits for room in {words}"
        if kind == RECEIVE:
            return f"waits for an item of {words}"
        if kind in (ALL, ANY):
            return f"waits for {'all' if kind == ALL else 'one'} of {words}"
        holder = self.holders.get(what) if resource == LOCK else None
        if holder is not None and holder >= 0:
            words += f", held by {self.name(holder)}"
        return f"waits for {words}"


def number_of(task):
    """The adapter's number of a task; None if it has none."""
    number = getattr(task, "_loopscope", None)
    return number >> 5 if isinstance(number, int) else None


def live_names(loops):
    """The names of the tasks that have not ended, by their numbers."""
    names = {}
    for loop in loops:
        for task in _tasks(loop):
            number = number_of(task)
            if number is not None:
                names[number] = _name(task)
    return names


def describe(loop, kept, skip):
    """A line for each unfinished task of a loop, and one for the place where it waits.

    `skip` are the folders whose files are not the program's.
    """
    waits = None if kept is None else Waits(kept)
    lines = []
    tasks = [(number_of(task), task) for task in _tasks(loop)]
    if waits is not None:
        # A task may be named after it was created.
        waits.names.update((number, _name(task)) for number, task in tasks)
    now = round(loop.time() * 1e9)
    running = asyncio.tasks.current_task(loop) if loop.is_running() else None
    for number, task in sorted(tasks, key=lambda entry: -1 if entry[0] is None else entry[0]):
        if waits is None or number is None:
            head, words = _name(task), "waits"
        else:
            head, words = waits.name(number), waits.words(number, now)
        if task is running:
            words = "runs"
        elif task._fut_waiter is None:
            words = "is ready: it runs next"
        lines.append(f"{head} {words}")
        lines += ["    " + place for place in _places(task, skip)]
    return lines


def _tasks(loop):
    try:
        return asyncio.all_tasks(loop)
    except RuntimeError:
        # Another thread creates tasks all the time.
        return set()


def _name(task):
    name = task.get_name()
    if name.startswith("Task-"):
        name = getattr(task.get_coro(), "__qualname__", name).rpartition(".")[2]
    return name


def _places(task, skip):
    """The lines of the program at which a task is, the innermost last."""
    found = []
    awaited = task.get_coro()
    while awaited is not None:
        for frame_of, awaited_by in zip(_FRAMES, _AWAITED):
            frame = getattr(awaited, frame_of, None)
            if frame is not None:
                break
        else:
            break
        file = frame.f_code.co_filename
        if not file.startswith(skip):
            # A compiled coroutine has no lines.
            line, function = frame.f_lineno or 0, frame.f_code.co_name
            text = linecache.getline(file, line).strip()
            found.append(f"{os.path.relpath(file)}:{line} in {function}: {text}")
        awaited = getattr(awaited, awaited_by, None)
    return found
