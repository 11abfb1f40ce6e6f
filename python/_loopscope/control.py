"""Obeys commands: pause, run, one tick, one step."""

import os
import select

from .clock import now_ns


class Control:
    """The program's side of the commands, which are single bytes.

    `p` pauses, `r` resumes, `s` allows one step, `t` allows the rest of a tick, or the next tick if
    the program is between two.
    """

    def __init__(self, wire):
        self.wire = wire
        #: The first loop of a program may begin paused, so that all of it can be seen.
        self.is_paused = os.environ.pop("LOOPSCOPE_PAUSED", None) is not None
        #: The program may run until the tick ends.
        self.until_tick = False
        #: How many steps the program may take.
        self.steps = 0

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
            command = self._read()
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
        if not self.is_paused:
            self.wire.paused(False, time)
        return now_ns() - since

    def _read(self):
        """The next command; nothing if loopscope has gone."""
        command = b""
        try:
            select.select([self.wire.socket], [], [])
            command = self.wire.socket.recv(1)
        except OSError:
            pass
        if not command:
            self.wire.close()
            self.is_paused = False
        return command
