"""Another order, and the return to an earlier tick of a program that runs."""

import struct
import sys
import unittest

from wire_reader import Session, record

RACE = """
import asyncio
async def worker(name):
    for number in range(3):
        await asyncio.sleep(0)
        print(name, number)
    await asyncio.sleep(0.01)
    print(name, "end")
async def main():
    await asyncio.gather(worker("a"), worker("b"), worker("c"))
    print("end")
asyncio.run(main())
"""

VIRTUAL = {"LOOPSCOPE_CLOCK": "virtual"}
REAL = {"LOOPSCOPE_SNAPSHOTS": "1", "LOOPSCOPE_PAUSED": "1"}
SNAPSHOTS = dict(VIRTUAL, **REAL)


def choice(step, task):
    return b"o" + struct.pack("<II", step, task)


def printed(run, first=0):
    return [run.texts[event[1]] for event in run.events[first:] if event[0] == "output"]


class Order(unittest.TestCase):
    def test_a_schedule_changes_the_order_of_one_tick(self):
        process, runs = record(RACE, environment=dict(VIRTUAL, LOOPSCOPE_SCHEDULE="2:3"))
        self.assertEqual((process.returncode, process.stderr), (0, ""))
        steps = [event[1] for event in runs[0].of("step")]
        self.assertEqual(steps[:4], [0, 3, 1, 2])
        self.assertEqual(process.stdout.split("\n")[:3], ["c 0", "a 0", "b 0"])

    def test_a_choice_that_cannot_be_made_is_told(self):
        process, _ = record(RACE, environment=dict(VIRTUAL, LOOPSCOPE_SCHEDULE="2:9"))
        self.assertEqual(
            process.stderr, "loopscope: task #9 is not ready for poll 2: the order is kept\n"
        )

    def test_a_choice_at_a_pause_is_that_of_a_schedule(self):
        expected, _ = record(RACE, environment=dict(VIRTUAL, LOOPSCOPE_SCHEDULE="3:3"))
        with Session(RACE, environment=dict(VIRTUAL, LOOPSCOPE_PAUSED="1")) as session:
            session.wait_for(lambda: session.runs and session.runs[0].paused)
            for number in (1, 2):
                session.command(b"s")
                session.wait_for(lambda: len(session.runs[0].of("step")) >= number)
            session.command(choice(1, 3) + b"r")
            self.assertEqual(session.end()[0], expected.stdout)


@unittest.skipUnless(sys.platform == "linux", "snapshots are taken on Linux")
class Snapshots(unittest.TestCase):
    def paused_with_snapshots(self, session, ticks):
        """Steps a program by ticks. Each leaves a snapshot."""
        session.wait_for(lambda: session.runs and session.runs[0].paused)
        for number in range(1, ticks + 1):
            session.command(b"t")
            session.wait_for(lambda: len(session.runs[0].of("tick")) > number)
        session.wait_for(lambda: len(session.runs) > len(session.runs[0].snapshots) >= ticks)
        session.wait_for(lambda: all(run.hello for run in session.runs))

    def go_on(self, session, index, commands=lambda taken: b"r"):
        """Lets a snapshot run to its end. `commands` gets the number of steps before it. Returns
        what it has recorded, and how many events of the first run came before."""
        first, copy = session.runs[0], session.runs[index]
        before, texts = dict(first.snapshots)[copy.hello["snapshot"]]
        copy.texts[:0] = first.texts[:texts]
        taken = len([event for event in first.events[:before] if event[0] == "step"])
        session.connections[index].sendall(commands(taken))
        session.wait_for(lambda: copy.closed)
        return copy, before

    def assert_same(self, code, ticks, environment=SNAPSHOTS):
        """Each return to a snapshot of a program gives what the program did from there on."""
        with Session(code, environment=environment) as session:
            self.paused_with_snapshots(session, ticks)
            session.command(b"r")
            _, err = session.end(connections=1)
            self.assertEqual((err, session.process.returncode), ("", 0))
            first = session.runs[0]
            for index in range(1, len(session.runs)):
                copy, before = self.go_on(session, index)
                self.assertEqual(printed(copy), printed(first, before))
                steps = [event[:2] for event in copy.of("step")]
                expected = [event[:2] for event in first.events[before:] if event[0] == "step"]
                self.assertEqual(steps, expected)

    def test_each_return_to_an_earlier_tick_goes_on_as_before(self):
        self.assert_same(RACE, 4)

    def test_another_order_after_a_return_is_that_of_a_schedule(self):
        expected, _ = record(RACE, environment=dict(VIRTUAL, LOOPSCOPE_SCHEDULE="6:3"))
        with Session(RACE, environment=SNAPSHOTS) as session:
            self.paused_with_snapshots(session, 1)
            session.command(b"r")
            session.end(connections=1)
            copy, _ = self.go_on(session, 1, lambda taken: choice(6 - taken, 3) + b"r")
            self.assertEqual(printed(copy), expected.stdout.splitlines())

    def test_a_snapshot_can_be_returned_to_more_than_once(self):
        with Session(RACE, environment=SNAPSHOTS) as session:
            self.paused_with_snapshots(session, 1)
            session.command(b"r")
            session.end(connections=1)
            number = session.runs[1].hello["snapshot"]
            copies = []

            def waiting():
                """The copies of this snapshot that have not gone on yet."""
                runs = enumerate(session.runs)
                known = ((index, run) for index, run in runs if run.hello and not run.closed)
                return [index for index, run in known if run.hello.get("snapshot") == number]

            for task in (2, 3, 2):
                session.wait_for(waiting)
                copy, _ = self.go_on(session, waiting()[-1], lambda taken: choice(6 - taken, task) + b"r")
                copies.append(printed(copy))
            self.assertEqual(copies[0], copies[2])
            self.assertNotEqual(copies[0], copies[1])

    def test_files_that_are_read_are_read_from_where_they_were(self):
        code = """
import asyncio
async def main():
    with open(__file__) as file:
        for _ in range(3):
            print(file.readline().strip())
            await asyncio.sleep(0)
asyncio.run(main())
"""
        self.assert_same(code, 3)

    def test_random_numbers_are_those_that_would_have_come(self):
        code = """
import asyncio, random
async def main():
    for _ in range(3):
        print(random.random())
        await asyncio.sleep(0)
asyncio.run(main())
"""
        self.assert_same(code, 2)

    def test_a_copy_handles_signals_and_threads_of_its_own(self):
        code = """
import asyncio, os, signal
async def main():
    loop = asyncio.get_running_loop()
    loop.add_signal_handler(signal.SIGUSR1, print, "signal")
    await asyncio.sleep(0)
    await asyncio.sleep(0)
    os.kill(os.getpid(), signal.SIGUSR1)
    await asyncio.sleep(0.01)
    print(await loop.run_in_executor(None, abs, -7))
asyncio.run(main())
"""
        self.assert_same(code, 2, REAL)

    def test_snapshots_end_when_loopscope_ends(self):
        with Session(RACE, environment=SNAPSHOTS) as session:
            self.paused_with_snapshots(session, 3)
            pids = [run.hello["pid"] for run in session.runs[1:]]
            for connection in session.connections[1:]:
                connection.shutdown(2)
            session.wait_for(lambda: not any(is_alive(pid) for pid in pids))
            session.command(b"r")
            self.assertEqual(session.end(connections=1)[0].split("\n")[-2], "end")

    def refusal(self, body):
        code = f"import asyncio, os, socket, subprocess, threading, time\n{body}\nasyncio.run(main())"
        with Session(code, environment=REAL) as session:
            session.wait_for(lambda: session.runs and session.runs[0].paused)
            session.command(b"r")
            session.end(connections=1)
            reasons = [reason for number, reason in session.runs[0].snapshots if number < 0]
            return "; ".join(reasons)

    def test_what_a_copy_could_not_have_is_told(self):
        head = "async def main():\n    await asyncio.sleep(0)\n    "
        tail = "\n    for _ in range(1000): await asyncio.sleep(0.001); time.sleep(0.001)"
        thread = "threading.Thread(target=time.sleep, args=(1.5,), name='worker').start()"
        self.assertIn("threads (worker)", self.refusal(head + thread + tail))
        server = "server = await asyncio.start_server(print, '127.0.0.1', 0)"
        self.assertIn("connection socket:", self.refusal(head + server + tail))
        child = "child = subprocess.Popen(['sleep', '9'])"
        self.assertIn("child processes (", self.refusal(head + child + tail + "\n    child.kill()"))
        written = "file = open('written', 'w')"
        self.assertIn("/written", self.refusal(head + written + tail))


def is_alive(pid):
    try:
        with open(f"/proc/{pid}/stat") as file:
            return file.read().rpartition(")")[2].split()[0] != "Z"
    except OSError:
        return False


if __name__ == "__main__":
    unittest.main()
