"""What loopscope has told the program to do: pause, run, one tick, one step, another order."""

from .parts import commands, order, snapshots
from .settings import take

#: The descriptors that were open before the program began.
inherited = ()


class Control:
    """The state of the commands. `commands` reads them."""

    def __init__(self, recorder):
        self.recorder, self.wire = recorder, recorder.wire
        #: The first loop of a program may begin paused, so that all of it can be seen.
        self.is_paused = take("PAUSED") is not None
        #: The program may run until the tick ends.
        self.until_tick = False
        #: How many steps the program may take.
        self.steps = 0
        #: The task that takes a step out of the order of the queue, by the number of the step.
        schedule = take("SCHEDULE") or ""
        self.choices = order.parse(schedule) if schedule else {}
        #: How many steps have begun. They are counted while there are choices.
        self.begun = 0
        #: Takes snapshots beside the screen; None elsewhere.
        is_beside = take("SNAPSHOTS") is not None
        self.snapshots = snapshots.Snapshots(inherited) if is_beside else None

    def has_command(self):
        return self.wire.socket is not None and bool(self.wire.commands.poll(0))

    def obey(self, between_ticks, time):
        """Reads commands, and returns when the program may continue.

        `between_ticks` says that no step is about to begin; `time` is the program's.
        """
        try:
            obey = commands.obey
        except ImportError:  # loopscope has gone with its files.
            self.wire.close()
            self.is_paused = False
        else:
            obey(self, between_ticks, time)
