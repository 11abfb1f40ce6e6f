"""What a program does between its import of asyncio and its first loop, when most of the adapter is not loaded yet."""

import unittest

from wire_reader import record

HEAD = "import asyncio, sys\n"


def run(body):
    process, runs = record(HEAD + body)
    assert (process.returncode, process.stderr) == (0, ""), process.stderr
    return process.stdout, runs


class First(unittest.TestCase):
    def test_a_program_without_a_loop_does_not_load_what_records(self):
        names = ("first", "hooks", "ready")
        out, runs = run(f"print(*['_loopscope.' + name in sys.modules for name in {names}])")
        self.assertEqual((out, runs), ("True False False\n", []))

    def test_a_program_that_clears_its_environment_before_its_loop_is_recorded(self):
        code = """
import os
os.environ.clear()
async def main(): await asyncio.sleep(0)
asyncio.run(main())
"""
        _, runs = run(code)
        self.assertEqual([found.tasks() for found in runs], [{0: "main"}])

    def test_a_lock_that_is_older_than_the_loop_has_its_name_and_its_operations(self):
        # Before CPython 3.10 a lock belongs to a loop from its creation on.
        code = """
if sys.version_info >= (3, 10):
    mutex = asyncio.Lock()
async def main():
    global mutex
    if sys.version_info < (3, 10):
        mutex = asyncio.Lock()
    async with mutex: await asyncio.sleep(0)
asyncio.run(main())
"""
        _, runs = run(code)
        self.assertEqual([runs[0].texts[event[3]] for event in runs[0].of("resource")], ["mutex"])
        self.assertEqual([event[2] for event in runs[0].of("operation")][:2], [2, 3])

    def test_a_bound_method_of_a_loop_that_does_not_run_yet_is_recorded(self):
        code = """
loop = asyncio.new_event_loop()
later = loop.call_later
async def main():
    reached = loop.create_future()
    later(0.001, reached.set_result, None)
    await reached
loop.run_until_complete(main())
"""
        _, runs = run(code)
        self.assertEqual(len(runs[0].of("timer")), 1)

    def test_a_loop_that_a_handler_of_the_exit_runs_is_recorded(self):
        code = """
import atexit
async def first(): pass
async def last(): await asyncio.sleep(0)
atexit.register(lambda: asyncio.run(last()))
asyncio.run(first())
"""
        _, runs = run(code)
        names = [name for found in runs for name in found.tasks().values()]
        self.assertEqual(names, ["first", "last"])

    def test_the_first_loops_of_several_threads_are_recorded(self):
        code = """
import threading
begin = threading.Barrier(4)
async def main(): await asyncio.sleep(0)
def work():
    begin.wait()
    asyncio.run(main())
threads = [threading.Thread(target=work) for _ in range(4)]
for thread in threads: thread.start()
for thread in threads: thread.join()
"""
        _, runs = run(code)
        self.assertEqual([found.tasks() for found in runs], [{0: "main"}] * 4)


if __name__ == "__main__":
    unittest.main()
