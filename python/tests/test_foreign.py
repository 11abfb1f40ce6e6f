"""Loops that are not asyncio's own. Each test says so where its package is not there."""

import importlib
import unittest

from wire_reader import record


def needs(package):
    try:
        importlib.import_module(package)
    except ModuleNotFoundError:
        return unittest.skip(f"there is no {package}")
    except Exception as error:  # curio 1.6 under CPython 3.12 and newer
        return unittest.skip(f"{package} cannot be imported: {error}")
    return lambda test: test


class Foreign(unittest.TestCase):
    @needs("uvloop")
    def test_tasks_wakes_and_timers_of_uvloop_are_recorded(self):
        code = """
import asyncio, time, uvloop
async def worker(event):
    await event.wait()
    await asyncio.sleep(0.01)
async def main():
    event = asyncio.Event()
    task = asyncio.ensure_future(worker(event))
    timer = asyncio.get_running_loop().call_later(60, print)
    await asyncio.sleep(0)
    timer.cancel()
    event.set()
    await task
    await asyncio.get_running_loop().run_in_executor(None, time.sleep, 0.01)
asyncio.set_event_loop_policy(uvloop.EventLoopPolicy())
asyncio.run(main())
"""
        process, runs = record(code, environment={"LOOPSCOPE_KEEP_UVLOOP": "1"})
        self.assertEqual(process.returncode, 0, process.stderr)
        self.assertIn("not recorded: the ticks and the ready queue of uvloop", process.stderr)
        run = runs[0]
        self.assertEqual(sorted(run.tasks().values()), ["main", "worker"])
        steps = [event[1] for event in run.of("step") if event[1] >= 0]
        self.assertEqual(steps, [0, 1, 0, 1, 1, 0, 0])
        self.assertEqual(len(run.of("fired")), 1)
        self.assertEqual(len(run.of("timer")), 2)
        self.assertEqual([event[2] for event in run.of("done")], [0, 0])

    @needs("uvloop")
    def test_wakes_by_threads_of_uvloop_are_recorded_in_its_order(self):
        code = """
import asyncio, sys, uvloop
sys.setswitchinterval(1e-6)  # Threads are interrupted between any two steps.
async def main():
    loop = asyncio.get_running_loop()
    for _ in range(20):
        calls = [loop.run_in_executor(None, bool) for _ in range(10)]
        await asyncio.gather(*calls, *(asyncio.sleep(0) for _ in range(10)))
asyncio.set_event_loop_policy(uvloop.EventLoopPolicy())
asyncio.run(main())
"""
        process, runs = record(code, environment={"LOOPSCOPE_KEEP_UVLOOP": "1"})
        self.assertEqual(process.returncode, 0, process.stderr)
        self.assertNotIn("the recording ends", process.stderr)
        run = runs[0]
        threads = {run.texts[event[1]] for event in run.of("from") if event[1] >= 0}
        self.assertTrue(all(name.startswith("uvloop_") for name in threads), threads)
        self.assertTrue(threads)
        # Each task has run to its end: none of its steps was taken for that of another.
        self.assertEqual(len(run.of("done")), len(run.tasks()))
        steps = [event[1] for event in run.of("step") if event[1] >= 0]
        self.assertEqual(len(steps), 1 + 20 + 20 * 10 * 2)

    def _says(self, package, code):
        process, runs = record(code)
        self.assertEqual((process.returncode, runs), (0, []), process.stderr)
        words = f"loopscope: the event loop of {package} is not recorded\n"
        self.assertEqual(process.stderr, words)

    @needs("trio")
    def test_trio_is_said_not_to_be_recorded(self):
        self._says("trio", "import trio\nasync def main(): await trio.sleep(0)\ntrio.run(main)")

    @needs("curio")
    def test_curio_is_said_not_to_be_recorded(self):
        self._says("curio", "import curio\nasync def main(): await curio.sleep(0)\ncurio.run(main)")

    @needs("gevent")
    def test_gevent_is_said_not_to_be_recorded(self):
        self._says("gevent", "import gevent\ngevent.spawn(bool).join()")

    def test_a_loop_that_leaves_callbacks_to_qt_is_said_not_to_be_recorded(self):
        # As the loop of qasync, which is one of asyncio's by its class.
        code = """
import asyncio, collections, sys
sys.modules["qasync"] = sys
class Loop(asyncio.SelectorEventLoop):
    def call_soon(self, callback, *args, context=None):
        handle = asyncio.Handle(callback, args, self, context)
        queue.append(handle)
        return handle
    def run_forever(self):
        asyncio.events._set_running_loop(self)
        while not self._stopping: queue.popleft()._run()
        asyncio.events._set_running_loop(None)
        self._stopping = False
async def main(): await asyncio.sleep(0)
queue = collections.deque()
loop = Loop()
loop.run_until_complete(main())
loop.close()
"""
        self._says("qasync", code)

    @needs("gevent")
    def test_asyncio_among_the_threads_of_gevent_is_recorded(self):
        code = """
from gevent import monkey; monkey.patch_all()
import asyncio
async def main(): await asyncio.sleep(0.05)
asyncio.run(main())
print("end")
"""
        process, runs = record(code)
        self.assertEqual((process.stdout, process.stderr), ("end\n", ""))
        self.assertEqual(len(runs[0].of("fired")), 1)


if __name__ == "__main__":
    unittest.main()
