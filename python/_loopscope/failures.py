"""Records what becomes of failures, and of coroutines that nothing awaits.

It is loaded with the first of them. asyncio notes in a failed task that its exception was not
retrieved yet, until something asks for it: a task that awaits it, before or after its end, or a
callback. The recorder keeps each failed task until then, or until nothing else refers to it: then
nothing can ask for it, and asyncio says so.
"""

import sys

from .places import is_program
from .wire import (
    ATTEMPT, COROUTINE, DONE, DROPPED, ERROR, FREED, OPERATION, RESOURCE, RETRIEVED,
)  # fmt: skip

#: From this number on, the failures that a task handles at one place are recorded.
OFTEN = 3
#: The most failed tasks that are kept, and that are looked at together.
MOST, AT_ONCE = 4096, 32


def _own_references():
    """The references to an object that only one variable has, as `sys.getrefcount` counts them.

    From 3.14 on an argument may be borrowed from the variable, which is then not counted.
    """
    tasks = [object()]
    task = tasks.pop()
    return sys.getrefcount(task)


#: The references to a task that only `look` has.
_OWN = _own_references()


def failed(task, recorder):
    """A task has failed."""
    # `task.exception()` would mark the exception as retrieved.
    error = task._exception
    name, words = type(error).__name__, str(error)
    recorder.out += (DONE, 2, recorder.text(f"{name}: {words}" if words else name))
    if len(recorder.failed) < MOST:
        recorder.failed.append(task)
    else:
        recorder.out.append(RETRIEVED | task._loopscope)


def freed(task, recorder):
    """A pending task is freed. asyncio may still give it a last step, in which it fails."""
    # An object may be freed in the middle of an event.
    recorder.later.append((FREED | task._loopscope,))
    if recorder.ready is not None:
        recorder.sent = recorder.ready.check_at = 0


def look(recorder):
    """Records which of the failures were asked for since."""
    tasks = recorder.failed[:AT_ONCE]
    del recorder.failed[:AT_ONCE]
    while tasks:
        task = tasks.pop()
        if hasattr(task, "record"):  # A loop that has run inside this step.
            task.record(recorder)
        elif not getattr(task, "_log_traceback", False):
            recorder.out.append(RETRIEVED | task._loopscope)
        elif sys.getrefcount(task) > _OWN:
            recorder.failed.append(task)


def release(recorder):
    """Looks a last time, and keeps no task: a loop has stopped, and its program may end."""
    for _ in range(len(recorder.failed) // AT_ONCE + 1):
        look(recorder)
    recorder.failed.clear()


def unawaited(coroutine, recorder, frame):
    """A coroutine was dropped before it was awaited. `frame` is the one that has dropped it."""
    code = coroutine.cr_code
    line = code.co_firstlineno
    place = recorder.frame_place(frame) if frame else recorder.place(code, 0, lambda: line)
    name = recorder.text(coroutine.__qualname__.rpartition(".")[2])
    number = next(recorder.resources) << 5
    recorder.out += (RESOURCE | number, COROUTINE, name, place, 0)
    recorder.out += (OPERATION | number, DROPPED, 0, -1)


def handled(ready):
    """The running task handles an exception, and sets a timer before it goes on."""
    error = sys.exc_info()[1]
    traceback, frame = error.__traceback__, sys._getframe(2)
    is_known = getattr(error, "_loopscope_handled", False)
    if traceback is None or is_known or not isinstance(error, Exception):
        return
    while frame is not None and frame is not traceback.tb_frame:
        if frame.f_code.co_name == "_run_once":
            return  # The loop itself runs in the handler of an exception.
        frame = frame.f_back
    if frame is None or not is_program(frame.f_code.co_filename):
        return
    task, recorder = ready.task, ready.recorder
    if not hasattr(task, "_loopscope_handled"):
        task._loopscope_handled = {}
    place = recorder.place(frame.f_code, traceback.tb_lasti, lambda: traceback.tb_lineno)
    # A handler that sets more than one timer has handled one failure.
    error._loopscope_handled = True
    times, number = task._loopscope_handled.get(place, (0, -1))
    times += 1
    if times == OFTEN:
        number = next(recorder.resources) << 5
        recorder.out += (RESOURCE | number, ATTEMPT, recorder.text("attempt"), place, 0)
    if times >= OFTEN:
        recorder.out += (OPERATION | number, ERROR, 0, -1)
    task._loopscope_handled[place] = times, number
