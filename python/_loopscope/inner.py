"""Records what takes its steps inside a step of a task: an eager task, and a loop of another thread
for which a step of this thread's loop waits.

The whole life of such a loop lies inside one step. In the recording of the outer loop it is a task
without a parent, which takes its only step inside the step that waits.
"""

import sys

from .places import program_frame
from .recorder import local, recorders
from .wire import DONE, EAGER, SPAWN, UNKNOWN, WAIT


def eager(ready, task):
    """Records the first step of an eager task, which has ended or waits."""
    ready.out.append(EAGER | task._loopscope)
    ready.recorder.control.begun += 1
    if task.done():
        ready.end(task)
    elif not ready.suspend(task, task._fut_waiter):
        ready.out += (WAIT, UNKNOWN)


class Inner:
    """A loop that has run inside a step of another one."""

    def __init__(self, name, frame):
        self.name = name
        self.place = frame and (frame.f_code, frame.f_lasti, frame.f_lineno)

    def record(self, recorder):
        place = -1
        if self.place:
            code, instruction, line = self.place
            place = recorder.place(code, instruction, lambda: line)
        number = next(recorder.tasks) << 5
        recorder.out += (SPAWN | number, recorder.text(self.name), place, -1, EAGER | number)
        recorder.control.begun += 1
        recorder.out += (DONE, 0, -1)


class Around:
    """The steps of the loops of other threads that are under way when a loop begins."""

    def __init__(self):
        own = local.recorder
        self.steps = [
            (other, other.ready, other.ready.entry)
            for other in recorders
            if other is not own and other.ready is not None and other.ready.task is not None
        ]

    def end(self, name):
        """The loop ends."""
        for other, ready, entry in self.steps:
            # Each step has an entry of its own.
            if ready.entry is entry and other.ready is ready and ready.task is not None:
                frame = program_frame(sys._current_frames().get(other.thread.ident))
                other.failed.append(Inner(name, frame))


def forget_ended():
    """Closes the recordings of threads that have ended."""
    for ended in [found for found in recorders if not found.thread.is_alive()]:
        try:
            recorders.remove(ended)
        except ValueError:
            continue  # Another thread closes it.
        ended.close()
