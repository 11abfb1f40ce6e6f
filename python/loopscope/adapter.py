"""Installs the adapter in this process, with recordings that are kept in memory."""

import atexit
import sys

from _loopscope import places

from . import waiting


def install(kept):
    """Installs the adapter, which then makes a `kept` for each thread instead of a connection."""
    import asyncio  # noqa: F401: the adapter changes what it has imported

    import _loopscope.recorder

    _loopscope.recorder.Wire = kept
    import _loopscope.hooks

    _loopscope.hooks.install()
    atexit.register(_loopscope.hooks.end)
    return Adapter(_loopscope.recorder)


class Adapter:
    """The adapter in this process."""

    def __init__(self, recorder):
        self._recorder = recorder

    def flush(self):
        """Moves what the adapter has noticed to the recordings of its threads."""
        for recording in list(self._recorder.recorders):
            recording.flush()

    def recording(self, loop, all):
        """The recording of a loop's events; None if there is none."""
        ready = getattr(loop, "_ready", None)
        recording = getattr(ready, "recorder", None)
        found = [kept for kept in all if recording is not None and kept is recording.wire]
        return found[0] if found else None

    def describe(self, loop, kept):
        return waiting.describe(loop, kept, places.LIBRARIES)

    def write(self, kept, path, name, loops):
        """Writes a recording to a file. `loops` are those with tasks that may have no announcement."""
        kept.write(path, name, waiting.live_names(loops), places.LIBRARIES)


def watch_loops(begins, interrupted):
    """Calls `begins` with each loop that begins to run, and `interrupted` when one ends by an error.

    `run_forever` calls the hooked method when it begins and when it ends, before a runner cancels
    the tasks that are left.
    """
    from asyncio import base_events

    original = base_events.BaseEventLoop._set_coroutine_origin_tracking

    def begin_or_end(self, enabled):
        if sys.exc_info()[0] is not None and not _begins(self):
            interrupted()
        begins(self)
        original(self, enabled)

    base_events.BaseEventLoop._set_coroutine_origin_tracking = begin_or_end


def _begins(loop):
    """Whether a loop begins to run, rather than ends."""
    return not getattr(getattr(loop, "_ready", None), "is_running", False)
