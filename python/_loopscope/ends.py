"""Records the end of objects that tasks wait for.

An object may be freed in the middle of an event, and on any thread. So its end is put into
`Recorder.later`, which is recorded with the next flush.
"""

import weakref

from .wire import DROPPED, OPERATION


class _Kept(weakref.ref):
    """A reference that notices the end of its object."""

    __slots__ = ("number", "recording")


def keep(recording, owner, number):
    """Records the end of an object."""
    try:
        kept = _Kept(owner, _freed)
    except TypeError:
        return
    kept.number, kept.recording = number, recording
    recording.kept.add(kept)


def _freed(kept):
    recording = kept.recording
    recording.kept.discard(kept)
    recording.later.append((OPERATION | kept.number, DROPPED, 0, -1))
