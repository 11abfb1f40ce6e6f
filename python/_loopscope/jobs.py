"""Records when the jobs of a thread pool begin and end. It is loaded with the first job.

The thread of a job may not record. What it finds is put into `Recorder.later`, which is recorded
with the next flush.
"""

import functools
import threading
from concurrent.futures import thread
from time import perf_counter_ns

from .recorder import local
from .wire import OPERATION, RAN, STARTED

#: The job that the thread has submitted last.
_submitted = threading.local()
_Job = thread._WorkItem
_create, _run = _Job.__init__, _Job.run


@functools.wraps(_create)
def _created(self, *args, **kwargs):
    _create(self, *args, **kwargs)
    if local.recorder is not None:
        self._loopscope, self._loopscope_since = None, perf_counter_ns()
        _submitted.job = self


@functools.wraps(_run)
def _ran(self, *args, **kwargs):
    began = perf_counter_ns()
    try:
        return _run(self, *args, **kwargs)
    finally:
        recording, number = getattr(self, "_loopscope", None) or (None, 0)
        if recording is not None:
            waited, ran = began - self._loopscope_since, perf_counter_ns() - began
            recording.later.append((OPERATION | number, STARTED, waited // 1000, -1))
            recording.later.append((OPERATION | number, RAN, ran // 1000, -1))


def submitted(recording, number):
    """The job that this thread has just submitted is the resource with this number."""
    job, _submitted.job = getattr(_submitted, "job", None), None
    if job is not None:
        job._loopscope = recording, number


_Job.__init__, _Job.run = _created, _ran
