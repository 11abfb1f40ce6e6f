"""What is kept of a test in memory, and the file that is written of it."""

import os
import sys
import tempfile
import unittest
from array import array

import wire_reader

sys.path.insert(0, wire_reader.ADAPTER)
from _loopscope.wire import DONE, FIRST, OPERATION, RESOURCE, SPAWN, STEP, WAIT
from loopscope import kept, waiting
from loopscope.kept import Kept


def read(recording, **options):
    """What a reader makes of the file of a recording."""
    with tempfile.TemporaryDirectory() as folder:
        path = os.path.join(folder, "it.wire")
        recording.write(path, "it", options.pop("names", {}), **options)
        run = wire_reader.Run()
        with open(path, "rb") as stream:
            run.read(stream)
        return run


class KeptTest(unittest.TestCase):
    def setUp(self):
        self.kept = Kept("MainThread")
        self.addCleanup(Kept.all.remove, self.kept)

    def text(self, text):
        self.kept.texts.append(text.encode())
        return len(self.kept.known_texts) + len(self.kept.texts) - 1

    def test_the_lengths_of_events_are_those_of_the_wire(self):
        self.assertEqual(kept.FOLLOWING, wire_reader.FOLLOWING)
        self.assertEqual(len(kept.FOLLOWING), len(wire_reader.NAMES))

    def test_a_file_holds_all_that_was_flushed(self):
        name = self.text("main")
        self.kept.flush([SPAWN, name, -1, -1, FIRST | 1 << 5, 0], 2)
        self.kept.flush([DONE, 0, -1], 1)
        run = read(self.kept)
        self.assertEqual(run.tasks(), {0: "main"})
        self.assertEqual(run.lost, 0)
        self.assertEqual([event[0] for event in run.events], ["spawn", "run", "step", "done"])

    def test_the_oldest_blocks_go_and_what_they_announced_stays(self):
        names = [self.text(f"task {number}") for number in range(3)]
        block = []
        for number, name in enumerate(names):
            block += [SPAWN | number << 5, name, -1, number - 1]
        block += [RESOURCE | 7 << 5, 1, self.text("door"), -1, 1, STEP | 1 << 5, 10, DONE, 0, -1]
        self.kept.flush(block, 6)
        for _ in range(3):
            self.kept.flush([STEP, 20] * (kept.LIMIT // 4), 1)
        self.kept.flush([OPERATION | 7 << 5, 2, 0, -1], 1)
        self.assertLessEqual(self.kept.size, kept.LIMIT)
        run = read(self.kept)
        self.assertGreaterEqual(run.lost, 6)
        # The task that has ended is not announced again.
        self.assertEqual(run.tasks(), {0: "task 0", 2: "task 2"})
        self.assertEqual([event[1] for event in run.of("resource")], [7])
        self.assertEqual(run.of("spawn")[1][4], -1)

    def test_live_tasks_of_earlier_tests_keep_their_names(self):
        self.kept.flush([SPAWN | 4 << 5, self.text("fixture"), -1, -1], 1)
        self.kept.forget()
        self.kept.flush([STEP | 4 << 5, 10], 1)
        run = read(self.kept, names={4: "fixture"})
        self.assertEqual((run.tasks(), run.lost), ({4: "fixture"}, 0))

    def test_a_lock_of_an_earlier_test_keeps_its_name(self):
        block = [RESOURCE | 3 << 5, 1, self.text("door"), -1, 1]
        block += [RESOURCE | 4 << 5, 1, self.text("other"), -1, 1]
        self.kept.flush(block, 2)
        self.kept.forget()
        self.assertEqual(self.kept.size, 0)
        self.kept.flush([STEP, 10, OPERATION | 3 << 5, 2, 0, -1], 2)
        run = read(self.kept)
        self.assertEqual([run.texts[event[3]] for event in run.of("resource")], ["door"])

    def test_sources_of_libraries_are_left_out(self):
        file, library = self.text(__file__), self.text(os.__file__)
        self.kept.places += [file, 1, file, -1, library, 1, library, -1]
        self.kept.flush([STEP, 1], 1)
        folder = os.path.dirname(os.__file__)
        sources = read(self.kept, libraries=(folder,)).hello["sources"]
        self.assertEqual([path for path, _ in sources], [__file__])

    def test_a_lock_names_its_holder(self):
        a, b, door = self.text("a"), self.text("b"), self.text("door")
        block = [SPAWN, a, -1, -1, SPAWN | 1 << 5, b, -1, -1, RESOURCE, 1, door, -1, 1]
        block += [FIRST | 2 << 5, 0, OPERATION, 2, 0, -1, STEP | 1 << 5, 5, WAIT, 5]
        self.kept.flush(block, 7)
        waits = waiting.Waits(self.kept)
        self.assertEqual(waits.words(1, 0), "waits for lock `door`, held by #0 a")
        self.assertEqual(waits.words(0, 0), "waits")

    def test_numbers_are_little_endian(self):
        self.assertEqual(kept._little(array("q", [1])), b"\1" + bytes(7))


if __name__ == "__main__":
    unittest.main()
