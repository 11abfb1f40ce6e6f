"""Pauses, steps, and readers that end."""

import os
import time
import unittest

from wire_reader import Session

IDLE = """
import asyncio, time
async def main():
    event = asyncio.Event()
    asyncio.get_running_loop().call_later(3, event.set)
    await event.wait()
asyncio.run(main())
"""

BUSY = """
import asyncio
async def main():
    for number in range(30):
        await asyncio.sleep(0)
    print("end")
asyncio.run(main())
"""

CLOCK = """
import asyncio
async def main():
    loop = asyncio.get_running_loop()
    began = loop.time()
    for _ in range(17):
        await asyncio.sleep(0)
    await asyncio.sleep(0.05)
    print(round(loop.time() - began, 2) < 0.5)
asyncio.run(main())
"""

ENDLESS = """
import asyncio
async def worker():
    for _ in range(150_000):
        await asyncio.sleep(0)
async def main():
    await asyncio.gather(worker(), worker())
    print("end")
asyncio.run(main())
"""

PAUSED = {"LOOPSCOPE_PAUSED": "1"}


def ticks(session):
    return len(session.runs[0].of("tick")) if session.runs else 0


class Control(unittest.TestCase):
    def test_a_program_can_begin_paused(self):
        with Session(BUSY, environment=PAUSED) as session:
            session.wait_for(lambda: session.runs and session.runs[0].paused)
            self.assertEqual(session.runs[0].of("step"), [])
            session.command(b"r")
            out, _ = session.end()
            self.assertEqual(out, "end\n")

    def test_each_command_for_a_tick_is_one_tick(self):
        with Session(BUSY, environment=PAUSED) as session:
            session.wait_for(lambda: session.runs and session.runs[0].paused)
            before = ticks(session)
            for number in range(1, 18):
                session.command(b"t")
                session.wait_for(lambda: ticks(session) >= before + number)
                self.assertEqual(ticks(session), before + number)
            session.command(b"r")
            self.assertEqual(session.end()[0], "end\n")

    def test_each_command_for_a_step_is_one_step(self):
        with Session(BUSY, environment=PAUSED) as session:
            session.wait_for(lambda: session.runs and session.runs[0].paused)
            for number in range(1, 5):
                session.command(b"s")
                session.wait_for(lambda: len(session.runs[0].of("step")) >= number)
                self.assertEqual(len(session.runs[0].of("step")), number)
            session.command(b"r")
            self.assertEqual(session.end()[0], "end\n")

    def test_the_loop_s_own_clock_stands_still_in_a_pause(self):
        with Session(CLOCK, environment=PAUSED) as session:
            session.wait_for(lambda: session.runs and session.runs[0].paused)
            for _ in range(5):
                time.sleep(0.2)
                session.command(b"t")
            session.command(b"r")
            self.assertEqual(session.end()[0], "True\n")

    def test_a_virtual_clock_does_not_go_back_in_a_pause(self):
        virtual = dict(PAUSED, LOOPSCOPE_CLOCK="virtual")
        with Session(CLOCK, environment=virtual) as session:
            session.wait_for(lambda: session.runs and session.runs[0].paused)
            time.sleep(0.2)
            session.command(b"t")
            session.wait_for(lambda: ticks(session) >= 2)
            session.command(b"r")
            self.assertEqual(session.end()[0], "True\n")
            times = [event[2] for event in session.runs[0].of("tick")]
            self.assertEqual((times[0], times), (0, sorted(times)))

    def test_an_idle_loop_pauses_at_once(self):
        with Session(IDLE) as session:
            session.wait_for(lambda: session.runs and session.runs[0].of("park"))
            session.command(b"p")
            session.wait_for(lambda: session.runs[0].paused)
            session.command(b"r")
            session.end()
            self.assertEqual(session.process.returncode, 0)

    def test_a_program_runs_on_when_its_reader_has_gone(self):
        def leave(run, stream):
            stream.read(5)

        with Session(ENDLESS, read=leave) as session:
            out, err = session.end()
            self.assertEqual((out, err), ("end\n", ""))

    def test_a_loop_that_begins_after_loopscope_has_gone_runs(self):
        code = """
import asyncio, os, threading, time
async def main(): return await asyncio.gather(asyncio.sleep(0, 1), asyncio.sleep(0.001, 2))
asyncio.run(main())
while not os.path.exists("go"):
    time.sleep(0.01)
thread = threading.Thread(target=lambda: print(asyncio.run(main())))
thread.start()
thread.join()
"""
        with Session(code) as session:
            session.wait_for(lambda: session.runs)
            os.unlink(os.path.join(session.folder.name, "s"))
            open(os.path.join(session.folder.name, "go"), "w").close()
            out, err = session.process.communicate(timeout=60)
            self.assertEqual((out, err), ("[1, 2]\n", ""))


if __name__ == "__main__":
    unittest.main()
