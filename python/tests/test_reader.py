"""The program does not depend on the reader of its recording."""

import threading
import unittest

from wire_reader import Session

BUSY = """
import asyncio, time
async def spin(until):
    while time.monotonic() < until: await asyncio.sleep(0)
async def main():
    until = time.monotonic() + 1
    await asyncio.gather(*[spin(until) for _ in range(20)])
    print("done")
asyncio.run(main())
"""


class Reader(unittest.TestCase):
    def test_a_stalled_reader_does_not_stop_the_program(self):
        read_on = threading.Event()

        def read(run, stream):
            read_on.wait()
            run.read(stream)

        code = BUSY.replace('print("done")', 'print("done", flush=True); time.sleep(1)')
        with Session(code, read=read) as session:
            self.assertEqual(session.process.stdout.readline(), "done\n")
            read_on.set()
            session.end()
            self.assertEqual(session.process.returncode, 0)
            run = session.runs[0]
            # What was discarded is counted, and what follows is sent again.
            self.assertGreater(run.lost, 0)
            self.assertEqual(len(run.of("stop")), 1)

    def test_a_reader_that_stays_stalled_does_not_stop_the_program(self):
        never = threading.Event()
        with Session(BUSY, read=lambda run, stream: never.wait()) as session:
            out, err = session.process.communicate(timeout=60)
            self.assertEqual((out, err), ("done\n", ""))
            never.set()

    def test_events_that_a_stalled_reader_has_lost_are_said_at_the_end(self):
        ended = threading.Event()

        def read(run, stream):
            ended.wait()
            run.read(stream)

        with Session(BUSY, read=read) as session:
            session.process.wait()
            ended.set()
            session.end()
            self.assertGreater(session.runs[0].lost, 0)

    def test_a_program_without_its_reader_runs_on(self):
        with Session(BUSY, read=lambda run, stream: stream.read(5)) as session:
            out, err = session.end()
            self.assertEqual((out, err), ("done\n", ""))
            self.assertEqual(session.process.returncode, 0)

    def test_a_file_of_the_program_can_have_the_number_of_the_connection(self):
        code = """
import asyncio, os, socket
async def main():
    for _ in range(300): await asyncio.sleep(0.001)
    # The connection of the adapter is closed: the next descriptors are free.
    loop = asyncio.get_running_loop()
    for _ in range(4):
        ours, theirs = socket.socketpair()
        ours.setblocking(False)
        theirs.send(b"x")
        assert await loop.sock_recv(ours, 1) == b"x"
    print("done")
asyncio.run(main())
"""
        with Session(code, read=lambda run, stream: stream.read(5)) as session:
            self.assertEqual(session.end(), ("done\n", ""))

    def test_a_loop_that_begins_after_the_reader_has_gone_runs(self):
        code = """
import asyncio, os, threading
async def main():
    for _ in range(300): await asyncio.sleep(0.001)
    path = os.environ["LOOPSCOPE_SOCKET"]
    os.rename(path, path + ".gone")
    thread = threading.Thread(target=asyncio.run, args=(asyncio.sleep(0, "unused"),))
    thread.start()
    while thread.is_alive(): await asyncio.sleep(0.01)
    os.rename(path + ".gone", path)
    print("done")
asyncio.run(main())
"""
        with Session(code, read=lambda run, stream: stream.read(5)) as session:
            self.assertEqual(session.end(), ("done\n", ""))


if __name__ == "__main__":
    unittest.main()
