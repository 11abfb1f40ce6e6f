"""Records what piles up: work for threads, and bytes that the peer does not take.

Another thread may not record. What it finds is put into `Recorder.later`, which is recorded with the next
flush.
"""

import functools
import threading
from asyncio import selector_events
from concurrent.futures import thread
from time import perf_counter_ns

from .recorder import give_up, local
from .wire import BUFFERED, OPERATION, RAN, STARTED, STREAM

#: The job that the thread has submitted last.
_submitted = threading.local()


def install_jobs():
    """Notes when each job of a thread pool is submitted, begins and ends."""
    job = thread._WorkItem
    create, run = job.__init__, job.run

    @functools.wraps(create)
    def __init__(self, *args, **kwargs):
        create(self, *args, **kwargs)
        if local.recorder is not None:
            self._loopscope = None
            self._loopscope_since = perf_counter_ns()
            _submitted.job = self

    @functools.wraps(run)
    def run_and_tell(self, *args, **kwargs):
        since = getattr(self, "_loopscope_since", None)
        if since is None:
            return run(self, *args, **kwargs)
        began = perf_counter_ns()
        try:
            return run(self, *args, **kwargs)
        finally:
            if self._loopscope is not None:
                recording, number = self._loopscope
                waited, ran = (began - since) // 1000, (perf_counter_ns() - began) // 1000
                recording.later.append((OPERATION | number, STARTED, waited, -1))
                recording.later.append((OPERATION | number, RAN, ran, -1))

    job.__init__, job.run = __init__, run_and_tell


def submitted(recording, number):
    """The job that this thread has just submitted is the resource with this number."""
    job, _submitted.job = getattr(_submitted, "job", None), None
    if job is not None:
        job._loopscope = recording, number


def install_buffers():
    """Records the bytes that a write leaves in the buffer of a socket."""
    transport = selector_events._SelectorSocketTransport
    for name in ("write", "writelines"):
        if name in vars(transport):
            _watch_writes(transport, name)


def _watch_writes(owner, name):
    write = getattr(owner, name)

    @functools.wraps(write)
    def wrote(self, data):
        write(self, data)
        recording = local.recorder
        if self._buffer and recording is not None and recording.ready is not None:
            try:
                place = recording.caller()
                number = recording.resource(self._protocol, STREAM, "StreamWriter.drain", place)
                size = self.get_write_buffer_size()
                recording.out += (OPERATION | number, BUFFERED, size, -1)
            except Exception as error:
                give_up(error)

    setattr(owner, name, wrote)
