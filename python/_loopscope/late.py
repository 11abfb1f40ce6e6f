"""Records where a step was that has lasted long, and how long it has computed.

It is loaded when the watchdog has first seen one.
"""

from .wire import LATE

#: A step that takes less time, in nanoseconds, is short.
SHORT = 100_000_000


def tell(ready):
    """Records what was seen of the step that ends."""
    sight, ready.late = ready.late, None
    if sight.entry is ready.entry:
        place, processor = end(sight, ready.recorder)
        ready.out += (LATE | place << 5, processor)


def end(sight, recorder):
    """The place that was seen most often, and the processor's time since the beginning."""
    place = -1
    for code, line in reversed(max(sight.lines, key=sight.lines.get)):
        # Of a line all instructions are one place.
        place = recorder.place(code, -line, lambda line=line: line, place)
    # The same step may last on: what is seen of it from now on is another sight.
    sight.entry = None
    began, computed, waited = sight.processor
    now, computed_now, waited_now = recorder.watchdog.processor()
    if min(computed, computed_now) < 0:
        return place, -1
    computed, waited = computed_now - computed, waited_now - waited
    # If the machine is busy, and the step itself was short, no line is sent.
    is_short = now - began - waited < SHORT and waited * 2 > now - began
    return -1 if is_short else place, computed + waited
