"""Obeys commands: pause, run, one tick, one step, another order."""

import os
import select
import struct
import sys

from .clock import now_ns

#: The descriptors that were open before the program began.
inherited = ()

class Control:
    """The program's side of the commands, which are single bytes.

    `p` pauses, `r` resumes, `s` allows one step, `t` allows the rest of a tick, or the next tick if
    the program is between two. `o` chooses: two numbers of 4 bytes follow, a step and the task that
    takes it. The steps are counted from the command on, the next one is 1.
    """

    def __init__(self, wire):
        self.wire = wire
        #: The first loop of a program may begin paused, so that all of it can be seen.
        self.is_paused = os.environ.pop("LOOPSCOPE_PAUSED", None) is not None
        #: The program may run until the tick ends.
        self.until_tick = False
        #: How many steps the program may take.
        self.steps = 0
        #: The task that takes a step out of the order of the queue, by the number of the step.
        self.choices = _schedule(os.environ.pop("LOOPSCOPE_SCHEDULE", ""))
        #: How many steps have begun. They are counted while there are choices.
        self.begun = 0
        #: Takes snapshots beside the screen; None elsewhere.
        self.snapshots = None
        if os.environ.pop("LOOPSCOPE_SNAPSHOTS", None) is not None:
            from .snapshots import Snapshots

            self.snapshots = Snapshots(inherited)

    def has_command(self):
        connection = self.wire.socket
        return connection is not None and bool(select.select([connection], [], [], 0)[0])

    def obey(self, between_ticks, time):
        """Reads commands, and returns when the program may continue.

        `between_ticks` says that no step is about to begin; `time` is the program's. Returns by how
        many nanoseconds the clock has advanced meanwhile; a virtual clock does not.
        """
        if self.until_tick and not between_ticks:
            return 0
        if self.steps:
            self.steps -= not between_ticks
            return 0
        self.until_tick = False
        was_paused = self.is_paused
        since = now_ns()
        if was_paused:
            self.wire.paused(True, time)
        while self.wire.socket is not None:
            if not self.is_paused and not self.has_command():
                break
            command = self._read(1)
            if command == b"p" and not self.is_paused:
                self.is_paused = True
                self.wire.paused(True, time)
            elif command == b"r":
                self.is_paused = False
            elif command == b"s":
                self.is_paused = True
                self.steps = int(between_ticks)
                break
            elif command == b"t":
                self.is_paused = True
                self.until_tick = True
                break
            elif command == b"o":
                step, task = struct.unpack("<II", self._read(8).ljust(8, b"\0"))
                self.choices[self.begun + step] = task
        if not self.is_paused:
            self.wire.paused(False, time)
        return now_ns() - since

    def choose(self, ready):
        """Puts the chosen task first, if there is a choice for the step that begins."""
        self.begun += 1
        task = self.choices.pop(self.begun, None)
        if task is None:
            return
        for index in range(_due()):
            owner = ready.owners[index]
            if owner[0] is not None and owner[0]._loopscope >> 5 == task:
                handle = ready[index]
                del ready[index], ready.owners[index]
                ready.appendleft(handle)
                ready.owners.appendleft(owner)
                return
        words = f"loopscope: task #{task} is not ready for poll {self.begun}: the order is kept"
        print(words, file=sys.stderr)

    def _read(self, length):
        """The next bytes of commands; nothing if loopscope has gone."""
        data = b""
        try:
            while len(data) < length:
                select.select([self.wire.socket], [], [])
                more = self.wire.socket.recv(length - len(data))
                if not more:
                    raise EOFError
                data += more
        except (OSError, EOFError):
            self.wire.close()
            self.is_paused = False
            return b""
        return data


def _schedule(text):
    """The choices of a schedule such as `12:2,15:1`: at poll 12 task 2, at poll 15 task 1."""
    pairs = (choice.split(":") for choice in text.split(",") if choice)
    return {int(poll): int(task) for poll, task in pairs}


def _due():
    """How many entries of the ready queue the tick has yet to take."""
    frame = sys._getframe(2)
    while frame is not None and frame.f_code.co_name != "_run_once":
        frame = frame.f_back
    if frame is None:
        return 0
    return frame.f_locals.get("ntodo", 0) - frame.f_locals.get("i", 0)
