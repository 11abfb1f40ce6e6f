"""Records what becomes of failures, and of coroutines that nothing awaits.

asyncio notes in a failed task that its exception was not retrieved yet, until something asks for it: a
task that awaits it, before or after its end, or a callback. The recorder keeps each failed task until
then, or until nothing else refers to it: then nothing can ask any more, and asyncio says so.
"""

import functools
import sys
import warnings
from asyncio import base_events
from types import FunctionType, SimpleNamespace

from .inner import Inner
from .places import program_frame
from .recorder import give_up, local
from .wire import COROUTINE, DROPPED, FREED, OPERATION, RESOURCE, RETRIEVED

#: The most failed tasks that are kept, and that are looked at together.
MOST, AT_ONCE = 4096, 32


def _own_references():
    """The references to an object that only one variable has, as `sys.getrefcount` counts them there.

    From 3.14 on an argument may be borrowed from the variable, which is then not counted.
    """
    tasks = [object()]
    task = tasks.pop()
    return sys.getrefcount(task)


#: The references to a task that only `look` has.
_OWN = _own_references()


def failed(task, recorder):
    """A task has failed."""
    if len(recorder.failed) < MOST:
        recorder.failed.append(task)
    else:
        recorder.out.append(RETRIEVED | task._loopscope)


def look(recorder):
    """Records which of the failures were asked for since."""
    tasks = recorder.failed[:AT_ONCE]
    del recorder.failed[:AT_ONCE]
    while tasks:
        task = tasks.pop()
        if task.__class__ is Inner:
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


def install():
    """Notes coroutines that are dropped before they were awaited."""
    warn = _from_further_out(warnings._warn_unawaited_coroutine)

    def _warn_unawaited_coroutine(coroutine):
        recorder = local.recorder
        if recorder is not None:
            try:
                _unawaited(coroutine, recorder, program_frame(sys._getframe(1)))
            except Exception as error:
                give_up(error)
        warn(coroutine)

    warnings._warn_unawaited_coroutine = _warn_unawaited_coroutine


def install_destroyed():
    """Notes tasks that are freed while they are pending."""
    loop = base_events.BaseEventLoop
    handle = loop.call_exception_handler

    @functools.wraps(handle)
    def call_exception_handler(self, context):
        recorder, task = local.recorder, context.get("task")
        is_destroyed = context.get("message", "").startswith("Task was destroyed")
        if is_destroyed and recorder is not None and hasattr(task, "_loopscope"):
            # An object may be freed in the middle of an event.
            recorder.later.append((FREED | task._loopscope,))
        handle(self, context)

    loop.call_exception_handler = call_exception_handler


def _from_further_out(warn):
    """A function that warns, for a caller that its warnings are not to name: that of the program."""
    if "warn" not in warn.__code__.co_names:
        return warn

    def warn_there(message, category=None, stacklevel=1, source=None):
        # This function, and the one that calls the result.
        warnings.warn(message, category, stacklevel + 2, source)

    # From 3.14 on the function looks `warn` up in a module, which it knows as `_wm`.
    module = SimpleNamespace(warn=warn_there)
    return FunctionType(warn.__code__, {**warn.__globals__, "warn": warn_there, "_wm": module})


def _unawaited(coroutine, recorder, frame):
    code = coroutine.cr_code
    if frame is None:
        place = recorder.place(code, 0, lambda: code.co_firstlineno)
    else:
        place = recorder.frame_place(frame)
    name = recorder.text(coroutine.__qualname__.rpartition(".")[2])
    number = next(recorder.resources) << 5
    recorder.out += (RESOURCE | number, COROUTINE, name, place, 0)
    recorder.out += (OPERATION | number, DROPPED, 0, -1)
