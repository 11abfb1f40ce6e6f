"""Keeps what the adapter records in memory, and writes it to a file when that is asked for.

`Kept` takes the place of the adapter's connection. It keeps whole blocks of events, the newest ones;
`docs/wire.md` describes the numbers. A block that is discarded may have announced tasks and
resources that later blocks name. So these announcements are kept, and written behind the gap.
"""

import json
import os
import struct
import sys
from array import array
from collections import deque

from _loopscope.wire import (
    ASLEEP,
    DONE,
    EAGER,
    FIRST,
    MEMBER,
    NAME,
    NEXT,
    OPERATION,
    RESOURCE,
    SPAWN,
    STEP,
    WAIT,
    Wire,
    missing,
)

#: How many integers follow the first one of each event, by its code.
FOLLOWING = (1, 0, 1, 0, 1, 1, 0, 2, 1, 1, 1, 0, 3, 2, 0, 0, 4, 3, 1, 3, 2, 0, 1, 1, 0, 0, 0, 0, 1, 1, 1, 0)
#: How many numbers of events are kept of each thread: some 200,000 steps.
LIMIT = 1_000_000
#: At most this many numbers of a test that has passed are searched for what it announced.
MOST_SEARCHED = 50_000
#: How many resources of earlier blocks keep their names.
MOST_RESOURCES = 10_000
#: The most bytes of source files in a recording.
MOST_SOURCES = 4 << 20


def decode(numbers):
    """The events of a block: the code, the first operand, and the others."""
    at, end = 0, len(numbers)
    while at < end:
        first = numbers[at]
        code = first & 31
        after = at + 1 + FOLLOWING[code]
        yield code, first >> 5, numbers[at + 1 : after]
        at = after


class Kept(Wire):
    """What one thread has recorded."""

    #: All that exist, the oldest first.
    all = []
    #: There is no connection, so no command arrives.
    socket = None

    def __init__(self, thread):
        self.thread = thread
        self.pid = os.getpid()
        #: Texts and places that are new; the adapter appends to these lists.
        self.texts = []
        self.places = []
        self.known_texts = []
        self.known_places = array("q")
        self.blocks = deque()
        self.size = 0
        self.lost = 0
        #: The announcements in discarded blocks: of unfinished tasks, and of resources.
        self.tasks = {}
        self.resources = {}
        #: The task that ran where the last discarded block ended.
        self.running = None
        self.is_closed = False
        Kept.all.append(self)

    def flush(self, events, count):
        """Keeps events, and empties the list of them. The oldest go if there are too many."""
        self._define()
        block = array("q", events)
        del events[:]
        self.blocks.append(block)
        self.size += len(block)
        while self.size > LIMIT and len(self.blocks) > 1:
            self._discard()

    def paused(self, paused, time):
        """Nothing pauses a program whose recording is kept."""

    def watch(self, selector):
        """No command arrives."""

    def close(self):
        """The thread has ended, or the recording has."""
        self.is_closed = True

    def forget(self):
        """Discards all events: another test begins. It may use locks and tasks of earlier ones."""
        while self.blocks and self.size <= MOST_SEARCHED:
            self._discard()
        self.blocks.clear()
        self.size = self.lost = 0
        for number in list(self.resources)[:-MOST_RESOURCES]:
            del self.resources[number]

    def _define(self):
        self.known_texts += self.texts
        self.known_places.extend(self.places)
        del self.texts[:], self.places[:]

    def _discard(self):
        block = self.blocks.popleft()
        self.size -= len(block)
        for code, number, rest in decode(block):
            self.lost += 1
            if code in (STEP, NEXT, EAGER):
                self.running = number
            elif code == FIRST:
                self.running = rest[0] >> 5
            elif code == SPAWN:
                self.tasks[number] = rest
            elif code == NAME and number in self.tasks:
                self.tasks[number] = array("q", (rest[0], *self.tasks[number][1:]))
            elif code == RESOURCE:
                self.resources[number] = rest
            elif code == DONE:
                self.tasks.pop(self.running, None)

    def text(self, number):
        return self.known_texts[number].decode() if 0 <= number < len(self.known_texts) else ""

    def place(self, number):
        """The file, the line and the function of a place, and the place that awaits it."""
        file, line, function, outer = self.known_places[number * 4 : number * 4 + 4]
        return self.text(file), line, self.text(function), outer

    def announced(self, names):
        """The events that announce what discarded blocks did.

        `names` are those of live tasks, which may also have been announced before `forget`.
        """
        tasks = dict(self.tasks)
        spawned, used = set(), set()
        for block in self.blocks:
            for code, number, rest in decode(block):
                if code == SPAWN:
                    spawned.add(number)
                elif code in (OPERATION, WAIT):
                    used.add(number)
                elif code in (ASLEEP, MEMBER):
                    used.add(rest[-2] if code == ASLEEP else rest[0])
        for number in names.keys() - tasks.keys() - spawned:
            tasks[number] = self._new_text(names[number]), -1, -1
        events = array("q")
        for number, rest in self.resources.items():
            if number not in used:
                continue
            events.append(RESOURCE | number << 5)
            events.extend(rest)
        for number, (name, place, parent) in sorted(tasks.items()):
            # The parent may be gone.
            parent = parent if parent in tasks and parent < number else -1
            events.extend((SPAWN | number << 5, name, place, parent))
        return events

    def _new_text(self, text):
        self._define()
        self.known_texts.append(text.encode("utf-8", "replace"))
        return len(self.known_texts) - 1

    def write(self, path, name, names, libraries=()):
        """Writes a file that `loopscope replay` opens, with the sources that are not of libraries."""
        self._define()
        announced = self.announced(names)
        with open(path, "wb") as file:

            def frame(kind, payload):
                file.write(struct.pack("<IB", len(payload), kind[0]) + payload)

            frame(b"H", json.dumps(self._hello(name, libraries)).encode())
            for text in self.known_texts:
                frame(b"T", text)
            if self.known_places:
                frame(b"L", _little(self.known_places))
            if self.lost:
                frame(b"G", struct.pack("<q", self.lost))
            if announced:
                frame(b"E", _little(announced))
            for block in self.blocks:
                frame(b"E", _little(block))

    def _hello(self, name, libraries):
        return {
            "version": 1,
            "pid": self.pid,
            "thread": self.thread,
            "clock": "real",
            "python": sys.version.split()[0],
            "argv": [text.encode("utf-8", "replace").decode() for text in sys.argv],
            "missing": missing,
            "name": name,
            "sources": self._sources(libraries),
        }

    def _sources(self, libraries):
        sources, size = [], 0
        for number in dict.fromkeys(self.known_places[0::4]):
            path = self.text(number)
            if os.path.abspath(path).startswith(libraries):
                continue
            try:
                with open(path, encoding="utf-8") as file:
                    text = file.read(MOST_SOURCES)
            except (OSError, ValueError):
                continue
            size += len(text)
            if size > MOST_SOURCES:
                break
            sources.append((path, text))
        return sources


def _little(numbers):
    if sys.byteorder == "big":
        numbers = array("q", numbers)
        numbers.byteswap()
    return numbers.tobytes()
