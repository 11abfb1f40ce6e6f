"""The scenarios in Python: back by any number of ticks and on again, and in another order."""

import glob
import os
import re
import sys
import unittest

from test_snapshots import SNAPSHOTS, VIRTUAL, choice, printed
from wire_reader import ADAPTER, Session, record

FOLDER = os.path.join(os.path.dirname(ADAPTER), "scenarios")
#: What a snapshot cannot hold, or what a program does to the outside.
OUTSIDE = re.compile("to_thread|subprocess|open_connection|start_server|socket|Executor|threading")
#: A program without a loop, and one that waits for ever.
LEFT_OUT = ("generators", "lesson_18_lock_twice")
#: How many ticks the program is stepped by; each leaves a snapshot.
TICKS = 3


def twins():
    """The scenarios that only wait for timers and for each other, with their first variants."""
    for path in sorted(glob.glob(os.path.join(FOLDER, "*.py"))):
        with open(path) as file:
            text = file.read()
        variants = re.search(r"^VARIANTS = \[(\w+)", text, re.M)
        if os.path.basename(path)[: -len(".py")] in LEFT_OUT:
            continue
        if variants and not OUTSIDE.search(text):
            yield path, variants.group(1)


def program(path, variant):
    return f"""
import runpy, sys
sys.argv = [{path!r}, {variant!r}]
sys.path.insert(0, {FOLDER!r})
runpy.run_path({path!r}, run_name="__main__")
"""


def steps(events):
    return [event[1] for event in events if event[0] == "step"]


def other_choice(events):
    """The first step that another task could take, and that task; None if there is none."""
    begun = 0
    for at, event in enumerate(events):
        if event[0] == "step":
            begun += 1
        elif event[0] == "run" and event[1] > 1:
            due = steps(events[at:])[: event[1]]
            tasks = [task for task in due[1:] if task >= 0]
            if tasks and due[0] >= 0:
                return begun + 1, tasks[0]
    return None


@unittest.skipUnless(sys.platform == "linux", "snapshots are taken on Linux")
class Twins(unittest.TestCase):
    def run_to_the_end(self, session):
        session.wait_for(lambda: session.runs and session.runs[0].paused)
        for number in range(1, TICKS + 1):
            if session.process.poll() is None and not session.runs[0].closed:
                session.command(b"t")
                session.wait_for(
                    lambda: session.runs[0].closed or len(session.runs[0].of("tick")) > number
                )
        try:
            session.command(b"r")
        except OSError:
            pass  # It has ended.
        session.end(connections=1)
        taken = [number for number, _ in session.runs[0].snapshots if number >= 0]
        session.wait_for(lambda: len([run for run in session.runs if run.hello]) > len(taken))

    def check(self, path, variant):
        code = program(path, variant)
        with Session(code, environment=SNAPSHOTS) as session:
            self.run_to_the_end(session)
            first = session.runs[0]
            marks = {number: mark for number, mark in first.snapshots if number >= 0}
            self.assertTrue(marks, first.snapshots)
            other = other_choice(first.events)
            for index in range(1, len(marks) + 1):
                copy = session.runs[index]
                before, texts = marks[copy.hello["snapshot"]]
                copy.texts[:0] = first.texts[:texts]
                begun = len(steps(first.events[:before]))
                chosen = other is not None and begun < other[0]
                commands = choice(other[0] - begun, other[1]) if chosen else b""
                session.connections[index].sendall(commands + b"r")
                session.wait_for(lambda: copy.closed)
                lines = printed(first)[: len(printed(first)) - len(printed(first, before))]
                whole = steps(first.events[:before]) + steps(copy.events)
                if chosen:
                    schedule = dict(VIRTUAL, LOOPSCOPE_SCHEDULE="{}:{}".format(*other))
                    _, (fresh,) = record(code, environment=schedule)
                    other = None
                else:
                    fresh = first
                self.assertEqual(whole, steps(fresh.events))
                self.assertEqual(lines + printed(copy), printed(fresh))


def _add(path, variant):
    name = os.path.basename(path)[: -len(".py")]
    setattr(Twins, f"test_{name}", lambda self: self.check(path, variant))


for _path, _variant in twins():
    _add(_path, _variant)


if __name__ == "__main__":
    unittest.main()
