"""Records when the jobs of a thread pool begin and end. It is loaded with the first job.

The thread of a job may not record. What it finds is put into `Recorder.later`, which is recorded
with the next flush.
"""

import functools
import threading
from concurrent.futures import thread
from time import perf_counter_ns

from .parts import names
from .ready import name_of
from .recorder import give_up, local
from .settings import DETAIL, EVERYTHING
from .wire import IO, OPERATION, POOL, RAN, STARTED, WAIT

#: The job that the thread has submitted last.
_submitted = threading.local()
#: The jobs that run, by their threads.
running = {}
#: A private class of CPython.
_Job = getattr(thread, "_WorkItem", None)


def _created(self, *args, **kwargs):
    _create(self, *args, **kwargs)
    if local.recorder is not None:
        self._loopscope, self._loopscope_since = None, perf_counter_ns()
        _submitted.job = self


def _ran(self, *args, **kwargs):
    began = perf_counter_ns()
    running[threading.get_ident()] = self
    try:
        return _run(self, *args, **kwargs)
    finally:
        running.pop(threading.get_ident(), None)
        recording, number = getattr(self, "_loopscope", None) or (None, 0)
        if recording is not None:
            waited, ran = began - self._loopscope_since, perf_counter_ns() - began
            recording.later.append((OPERATION | number, STARTED, waited // 1000, -1))
            recording.later.append((OPERATION | number, RAN, ran // 1000, -1))


def submitted(recording, future, loop, executor, func, *args):
    """The thread has just submitted a job, for which a future of asyncio stands."""
    try:
        is_inside = getattr(func, "args", None) and name_of(func).endswith("Context.run")
        target = func.args[0] if is_inside else func
        number = names.resource(recording, None, POOL, name_of(target), recording.caller())
        future._loopscope = (WAIT | number, IO)
        job, _submitted.job = getattr(_submitted, "job", None), None
        if job is not None:
            job._loopscope = recording, number
    except Exception as error:
        give_up(error)


if _Job is not None and DETAIL == EVERYTHING:
    _create, _run = _Job.__init__, _Job.run
    _Job.__init__, _Job.run = functools.wraps(_create)(_created), functools.wraps(_run)(_ran)
