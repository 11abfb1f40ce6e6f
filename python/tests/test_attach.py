"""Attaching to a program that runs, and leaving it.

`sys.remote_exec` runs a file inside another process, from CPython 3.14 on. Here a handler of a signal
runs the same file, so that the rest is tested on every version.
"""

import os
import signal
import tempfile
import time
import unittest

from wire_reader import ADAPTER, Session

SERVER = """
import asyncio, signal, sys, time
def adapt(*_):
    exec(open({file!r}).read(), {{}})
signal.signal(signal.SIGUSR1, adapt)
async def worker(number, queue):
    while True:
        item = await queue.get()
        await asyncio.sleep(0.005)
        if item is None: return
async def main():
    loop = asyncio.get_running_loop()
    queue = asyncio.Queue()
    tasks = [asyncio.create_task(worker(number, queue)) for number in range(3)]
    plain = type(loop._ready), set(vars(loop._selector)), dict(vars(asyncio.BaseEventLoop)), sys.stdout.write
    await asyncio.sleep(0.1)
    print("ready", flush=True)
    began = loop.time()
    loop.call_later({seconds}, lambda: [queue.put_nowait(None) for _ in tasks])
    await asyncio.gather(*tasks)
    await asyncio.sleep(0.2)
    now = type(loop._ready), set(vars(loop._selector)), dict(vars(asyncio.BaseEventLoop)), sys.stdout.write
    print(round(loop.time() - began), plain == now)
asyncio.run(main())
"""

class Attach(unittest.TestCase):
    maxDiff = None

    def server(self, seconds):
        folder = tempfile.TemporaryDirectory()
        self.addCleanup(folder.cleanup)
        self.file = os.path.join(folder.name, "attach.py")
        session = Session(
            SERVER.format(file=self.file, seconds=seconds),
            environment={"PYTHONPATH": "", "LOOPSCOPE_SOCKET": ""},
        )
        self.write_file(self.file, os.path.join(session.folder.name, "s"))
        self.assertEqual(session.process.stdout.readline(), "ready\n")
        time.sleep(0.3)  # The main task waits for the others by now.
        return session

    def write_file(self, path, socket):
        """The file that a program runs to which loopscope attaches."""
        with open(path, "w") as file:
            file.write(f"FOLDER, SOCKET = {ADAPTER!r}, {socket!r}\n")
            with open(os.path.join(ADAPTER, "attach.py")) as text:
                file.write(text.read())

    def attach(self, session):
        session.process.send_signal(signal.SIGUSR1)
        session.wait_for(lambda: session.runs and len(session.runs[0].of("tick")) >= 2)
        return session.runs[0]

    def test_a_running_loop_is_recorded_with_its_tasks_and_timers(self):
        with self.server(1) as session:
            run = self.attach(session)
            self.assertEqual(run.tasks(), {0: "main", 1: "worker", 2: "worker", 3: "worker"})
            self.assertEqual(len(run.of("eager")), 4)
            self.assertGreaterEqual(len(run.of("timer")), 1)
            places = {event[1]: run.places[event[4]][2] for event in run.of("asleep")}
            self.assertEqual(places, {0: "main", 1: "worker", 2: "worker", 3: "worker"})
            out, err = session.end()
            self.assertEqual((out, err), ("1 False\n", ""))
            self.assertEqual(len(run.of("done")), 4)

    def test_an_attached_program_is_paused_and_goes_on(self):
        with self.server(0.6) as session:
            run = self.attach(session)
            session.wait_for(lambda: run.of("park"))
            session.command(b"p")
            session.wait_for(lambda: run.paused)
            time.sleep(1.5)
            self.assertIsNone(session.process.poll())
            session.command(b"r")
            self.assertEqual(session.end()[0], "1 False\n")

    def test_a_program_that_is_left_is_as_it_was(self):
        with self.server(1) as session:
            self.attach(session)
            session.connections[0].shutdown(2)
            out, err = session.end()
            self.assertEqual((out, err), ("1 True\n", ""))

    def test_a_program_is_attached_to_again(self):
        with self.server(2) as session:
            self.attach(session)
            session.connections[0].shutdown(2)
            session.wait_for(lambda: session.runs[0].closed)
            session.process.send_signal(signal.SIGUSR1)
            session.wait_for(lambda: len(session.runs) == 2 and session.runs[1].of("tick"))
            self.assertEqual(len(session.runs[1].tasks()), 4)
            out, err = session.end()
            self.assertEqual((out, err), ("2 False\n", ""))

    def test_loops_of_other_threads_are_recorded_and_left(self):
        code = """
import asyncio, os, threading, time
async def other(begun):
    begun.set()
    loop = asyncio.get_running_loop()
    await asyncio.sleep(0.5)
    print(type(loop._ready).__name__, flush=True)
    while type(loop._ready).__name__ != "deque":
        await asyncio.sleep(0.01)
    print("left", set(vars(loop._selector)) == plain)
async def worker():
    await asyncio.sleep(60)
async def main(begun):
    global plain
    plain = set(vars(asyncio.get_running_loop()._selector))
    task = asyncio.create_task(worker())
    await other(begun)
    task.cancel()
begun = threading.Event()
thread = threading.Thread(target=lambda: asyncio.run(main(begun)), name="loops")
thread.start()
begun.wait()
while not os.path.exists("attach.py"):
    time.sleep(0.01)
exec(open("attach.py").read(), {})
thread.join()
"""
        environment = {"PYTHONPATH": "", "LOOPSCOPE_SOCKET": ""}
        with Session(code, environment=environment) as session:
            self.write_into(session)
            self.assertEqual(session.process.stdout.readline(), "Ready\n")
            run = session.runs[0]
            session.connections[0].shutdown(2)
            out, err = session.end()
            self.assertEqual((out, err), ("left True\n", ""))
            self.assertEqual(run.hello["thread"], "loops")
            self.assertEqual(run.tasks(), {0: "main", 1: "worker"})
            self.assertGreater(len(run.of("step")), 0)

    def write_into(self, session):
        """Puts the file `attach.py` into the folder of the program."""
        path = os.path.join(session.folder.name, "attach.")
        self.write_file(path + "tmp", os.path.join(session.folder.name, "s"))
        os.rename(path + "tmp", path + "py")

    def test_a_program_is_attached_to_again_in_the_middle_of_a_step(self):
        code = """
import asyncio
steps = 0
async def main():
    global steps
    for steps in range(1, 40):
        await asyncio.sleep(0.001)
async def run():
    task = asyncio.create_task(main())
    await asyncio.sleep(0.002)
    adapt = lambda: exec(open("attach.py").read(), {})
    adapt()
    await asyncio.sleep(0.002)
    loop = asyncio.get_running_loop()
    control, look = loop._ready.recorder.control, loop._ready.recorder.control.has_command
    def has_command():
        control.has_command = look
        adapt()
        return look()
    control.has_command = has_command
    await task
    print(steps, loop._ready.recorder.control is control)
while not __import__("os").path.exists("attach.py"):
    pass
asyncio.run(run())
"""
        environment = {"PYTHONPATH": "", "LOOPSCOPE_SOCKET": ""}
        with Session(code, environment=environment) as session:
            self.write_into(session)
            out, err = session.end()
            self.assertEqual((out, err), ("39 False\n", ""))
            self.assertEqual(len(session.runs), 2)
            self.assertGreater(len(session.runs[1].of("step")), 0)


if __name__ == "__main__":
    unittest.main()
