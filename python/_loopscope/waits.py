"""Finds what a task waits for, and where."""

from asyncio import Task, tasks
from opcode import opmap
from types import CoroutineType

from .parts import functions, names, races
from .places import is_program
from .wire import ALL, JOIN, ON_TASK

#: The instructions that write to something which another task may see.
_WRITES = {
    opmap.get(name) for name in ("STORE_ATTR", "STORE_SUBSCR", "STORE_GLOBAL", "STORE_DEREF")
}
#: The classes of tasks. The runner of `backports.asyncio.runner` makes its own from that in Python.
TASKS = Task, getattr(tasks, "_PyTask", Task)
#: What is known of functions, by the `id` of the code.
_facts = {}
#: The frame of a coroutine or generator, and what it awaits.
_LINKS = ("cr_frame", "cr_await"), ("gi_frame", "gi_yieldfrom"), ("ag_frame", "ag_await")


def mark(waiter, recorder):
    """The numbers of the event that says what a future stands for, as far as that is known without
    a look at the task's frames."""
    recorder.about_to_wait = None
    if isinstance(waiter, TASKS):
        return (JOIN | recorder.task(waiter),)
    if isinstance(waiter, tasks._GatheringFuture):
        waiter._loopscope = names.group(waiter._children, ALL, "gather", recorder)
        return waiter._loopscope
    return ()


def describe(task, waiter, found, recorder):
    """What a suspended task waits for, and where: the kind, the number and the place."""
    frames, iterator = list(chain(task)), None
    for frame in frames:
        facts = _facts.get(id(frame.f_code)) or _look_at(frame.f_code)
        if facts[2]:
            races.suspended(task, frame, recorder)
        elif facts[3]:
            iterator = frame
    if iterator or not found:
        found = functions.look(frames, iterator, waiter, recorder)
    kind = found[1] if len(found) == 2 else ON_TASK
    return kind, found[0] >> 5, place(frames, recorder)


def _look_at(code):
    """What is known of a function: its code, whether it is the program's, whether it then writes to
    something that others can see, and whether it is the iterator of `as_completed`."""
    is_own = is_program(code.co_filename)
    writes = is_own and not _WRITES.isdisjoint(code.co_code[::2])
    # Known by its `id`, because the hash of a code object is slow, and kept for that.
    return _facts.setdefault(id(code), (code, is_own, writes, code.co_name == "_wait_for_one"))


def place(frames, recorder):
    """The place of the program at which the innermost of some frames is."""
    found, last, places = -1, -1, recorder.places
    for frame in frames:
        code = frame.f_code
        number = places.get((last, id(code), frame.f_lasti))
        last = recorder.frame_place(frame, last) if number is None else number
        if (_facts.get(id(code)) or _look_at(code))[1]:
            found = last
    return found if found >= 0 else last


def chain(task):
    """The frames of a suspended task, outermost first."""
    awaited = task.get_coro()
    while awaited.__class__ is CoroutineType:
        frame, awaited = awaited.cr_frame, awaited.cr_await
        if frame is None:
            return
        yield frame
    # What awaits a future in C is the end of most chains.
    while awaited is not None and awaited.__class__.__name__ != "FutureIter":
        for outer, inner in _LINKS:
            frame = getattr(awaited, outer, None)
            if frame is not None:
                yield frame
                awaited = getattr(awaited, inner, None)
                break
        else:
            awaited = functions.inside(awaited)
