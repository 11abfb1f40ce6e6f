"""Finds values of which a write by one task is lost because of a write by another.

A coroutine that reads a value, awaits, and writes the value from what it has read loses what others
write meanwhile. The recorder cannot see single reads and writes. So it takes two steps:

1. The source tells at which `await` a function holds a value that it has read and writes later: a
   *hazard*. Each file is parsed once, and only if one of its functions that awaits also writes to
   something that others can see. `waits` looks for such functions, so few programs load this file.
2. While tasks are suspended at hazards, the values are compared after each step. A task that goes on
   past its hazard after another task has changed the value has overwritten that change.

A value that is only tested before the `await`, and set after it, is found in the same way: two tasks
have both found it unset, and the second replaces what the first has made.
"""

from . import waits
from .hazards import of_function
from .wire import OPERATION, RESOURCE, STORED, VALUE

#: The most suspended tasks whose values are compared.
MOST = 64
_ABSENT = object()


class _Held:
    """A value that a suspended task has read."""

    def __init__(self, task, frame, hazard, place, container, key):
        self.task, self.frame, self.hazard, self.place = task, frame, hazard, place
        self.container, self.key = container, key
        self.value = _value(container, key)
        #: The task that has changed it since.
        self.other = None


def suspended(task, frame, recorder):
    """A task is suspended in this frame, among others."""
    line = frame.f_lineno or 0
    for hazard in of_function(frame.f_code):
        if hazard.first <= line <= hazard.last and len(recorder.held) < MOST:
            found = _find(frame, hazard.path)
            if found is not None:
                place = recorder.frame_place(frame)
                recorder.held.append(_Held(task, frame, hazard, place, *found))


def look(task, recorder):
    """A step has ended, that of a task or of a callback: compares the values."""
    kept = []
    for held in recorder.held:
        value = _value(held.container, held.key)
        has_changed, held.value = value is not held.value, value
        if held.task is not task:
            if has_changed and task is not None:
                held.other = task
            if not held.task.done():
                kept.append(held)
        elif held.other is not None and _has_written(held, has_changed):
            _tell(held, recorder)
    recorder.held[:] = kept


def _has_written(held, has_changed):
    if held.hazard.is_test or not held.hazard.is_certain:
        return has_changed
    task, frame = held.task, held.frame
    if task.done():
        return not task.cancelled() and task._exception is None
    line = frame.f_lineno or 0
    if all(frame is not awaited for awaited in waits.chain(task)):
        # The function has ended. If the `await` has raised, it has ended in that line.
        return not held.hazard.first <= line <= held.hazard.last
    return line > held.hazard.written or line < held.hazard.first


def _tell(held, recorder):
    """Records that the write of another task was lost."""
    number = next(recorder.resources) << 5
    name = recorder.text(str(held.key))
    # Under a key, two tasks often make the same on purpose.
    limit = 2 if held.hazard.is_test and held.hazard.path[-1][0] != "attribute" else 1
    recorder.out += (RESOURCE | number, VALUE, name, held.place, limit)
    recorder.out += (OPERATION | number, STORED, 0, held.other._loopscope >> 5)


def _find(frame, path):
    """The dictionary in which a value is, and its key there; `None` if it is not that simple."""
    name, *steps = path
    variables = frame.f_locals if name in frame.f_locals else frame.f_globals
    if not steps:
        return (frame.f_globals, name) if variables is frame.f_globals else (_Cell(frame), name)
    owner = variables.get(name)
    for kind, key in steps[:-1]:
        found = _step(frame, owner, kind, key)
        if found is None:
            return None
        owner = found[0].get(found[1])
    return _step(frame, owner, *steps[-1])


def _step(frame, owner, kind, key):
    if kind == "attribute":
        variables = getattr(owner, "__dict__", None)
        return (variables, key) if variables.__class__ is dict else None
    if kind == "name":
        key = frame.f_locals.get(key, _ABSENT)
    is_plain = key.__class__ in (str, int, bytes, tuple) and isinstance(owner, dict)
    return (owner, key) if is_plain else None


class _Cell:
    """The variable of a function outside, which only a frame shows."""

    def __init__(self, frame):
        self.frame = frame

    def get(self, name, default):
        return self.frame.f_locals.get(name, default)


def _value(container, key):
    if container.__class__ is _Cell:
        return container.get(key, _ABSENT)
    return dict.get(container, key, _ABSENT)
