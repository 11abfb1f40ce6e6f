"""Runs `pytest --loopscope` in a temporary environment, on tests that fail, hang and pass.

    python3 python/tests/pytest_plugin.py [LOOPSCOPE]

LOOPSCOPE is the program that opens the recordings; without it they are only looked at from here.
Where the packages cannot be installed, that is said.
"""

import os
import subprocess
import sys
import tempfile
import unittest

sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)))
from environment import ADAPTER, environment, install

TESTS = '''
import asyncio, threading, time
import pytest

async def hold(first):
    async with first:
        await asyncio.Event().wait()

async def want(first):
    async with first:
        pass

async def deadlock():
    first = asyncio.Lock()
    asyncio.create_task(hold(first), name="holder")
    await asyncio.create_task(want(first), name="wanting")

async def fail():
    await asyncio.sleep(0.001)
    assert 1 == 2

def test_pass():
    asyncio.run(asyncio.sleep(0.001))

def test_fail():
    asyncio.run(fail())

def test_no_loop_fails():
    assert 1 == 2

def test_hang():
    asyncio.run(deadlock())

def test_busy():
    async def busy():
        while True:
            await asyncio.sleep(0)
    asyncio.run(busy())

def test_blocked():
    async def main():
        time.sleep(60)
    asyncio.run(main())

def test_loop_in_a_thread_hangs():
    thread = threading.Thread(target=lambda: asyncio.run(asyncio.sleep(60)), daemon=True)
    thread.start()
    thread.join()

def test_cancellation_is_refused():
    async def main():
        try:
            await asyncio.sleep(60)
        except asyncio.CancelledError:
            await asyncio.sleep(60)
    asyncio.run(main())

@pytest.mark.asyncio
async def test_asyncio_fail():
    await fail()

@pytest.mark.asyncio
async def test_asyncio_hang():
    await deadlock()

@pytest.mark.asyncio
async def test_asyncio_pass():
    await asyncio.sleep(0.001)

@pytest.fixture
def anyio_backend():
    return "asyncio"

@pytest.mark.anyio
async def test_anyio_fail():
    await fail()

@pytest.mark.anyio
async def test_anyio_hang():
    await deadlock()

@pytest.mark.anyio
async def test_anyio_pass():
    await asyncio.sleep(0.001)

@pytest.mark.parametrize("name", ["ä€/ 🎉" * 60])
def test_long_name_fails(name):
    asyncio.run(fail())

@pytest.mark.xfail
def test_expected_failure():
    asyncio.run(fail())

@pytest.fixture
def broken():
    asyncio.run(fail())

def test_fixture_fails(broken):
    pass

shared = asyncio.Lock() if __import__("sys").version_info >= (3, 10) else None

def test_shared_lock_first():
    async def main():
        async with shared or asyncio.Lock():
            pass
    asyncio.run(main())

def test_shared_lock_fails():
    async def main():
        async with shared or asyncio.Lock():
            await fail()
    asyncio.run(main())
'''

#: Tests that pass, and what is found in them: a rule at the line of a comment, or nothing.
CHECKED = '''
import asyncio, threading, time
import pytest

async def others():
    await asyncio.gather(*(asyncio.sleep(0.01 * number) for number in range(5)))

async def blocks():
    other = asyncio.create_task(others())
    await asyncio.sleep(0.001)
    time.sleep(0.3)
    await other

def test_blocks():
    asyncio.run(blocks())

def test_blocks_in_a_thread():
    thread = threading.Thread(target=asyncio.run, args=(blocks(),))
    thread.start()
    thread.join()

@pytest.mark.asyncio
async def test_failure_is_lost():
    async def fail():
        raise ValueError("lost")
    asyncio.create_task(fail())
    await asyncio.sleep(0.01)

@pytest.mark.asyncio
async def test_never_awaited():
    others()
    await asyncio.sleep(0.001)

def test_healthy():
    asyncio.run(others())

@pytest.mark.asyncio
async def test_healthy_workers():
    queue = asyncio.Queue(3)
    async def work():
        while True:
            await queue.get()
            await asyncio.sleep(0)
            queue.task_done()
    workers = [asyncio.create_task(work()) for _ in range(3)]
    for item in range(10):
        await queue.put(item)
    await queue.join()
    for worker in workers:
        worker.cancel()

@pytest.mark.anyio
async def test_healthy_anyio():
    import anyio
    async with anyio.create_task_group() as group:
        for number in range(3):
            group.start_soon(anyio.sleep, 0.001)

@pytest.fixture
def anyio_backend():
    return "asyncio"

def test_healthy_comment():
    async def main():
        other = asyncio.create_task(others())
        await asyncio.sleep(0.001)
        # loopscope: allow(blocking) the test is of a function that blocks
        time.sleep(0.3)
        await other
    asyncio.run(main())

@pytest.mark.xfail
def test_healthy_expected_failure():
    asyncio.run(blocks())
    raise ValueError
'''

PYTHON = None
LOOPSCOPE = None


class Plugin(unittest.TestCase):
    def setUp(self):
        folder = tempfile.TemporaryDirectory()
        self.addCleanup(folder.cleanup)
        self.folder = folder.name
        folders = [os.path.dirname(LOOPSCOPE)] if LOOPSCOPE else []
        self.path = os.pathsep.join([*folders, os.environ["PATH"]])
        with open(os.path.join(self.folder, "test_it.py"), "w") as file:
            file.write(TESTS)

    def pytest(self, name, *options):
        """Runs the tests with this name. Returns the exit code and what is printed."""
        command = [PYTHON, "-m", "pytest", "-p", "loopscope.pytest_plugin", "--loopscope"]
        command += ["-q", "-p", "no:cacheprovider", "-k", name, *options]
        process = subprocess.run(
            command,
            cwd=self.folder,
            env=dict(os.environ, PYTHONPATH=ADAPTER, PATH=self.path),
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            timeout=180,
        )
        return process.returncode, process.stdout

    def recordings(self):
        folder = os.path.join(self.folder, ".loopscope")
        return sorted(os.listdir(folder)) if os.path.isdir(folder) else []

    def opened(self, *files):
        """Each recording as loopscope prints it."""
        if LOOPSCOPE is None:
            return None
        texts = []
        for file in files or self.recordings():
            path = os.path.join(".loopscope", file)
            command = [LOOPSCOPE, "replay", path, "--plain"]
            answer = subprocess.run(command, cwd=self.folder, capture_output=True, text=True)
            self.assertEqual((answer.returncode, answer.stderr), (0, ""))
            texts.append(answer.stdout)
        return texts

    def hang(self, name, *said, options=("--loopscope-timeout", "1.5")):
        code, out = self.pytest(name, *options)
        self.assertEqual(code, 1, out)
        for words in ("What each task waited for:", "loopscope replay .loopscope/", *said):
            self.assertIn(words, out)
        self.assertEqual(len(self.recordings()), 1, out)
        self.opened()
        return out

    def test_passing_tests_leave_nothing(self):
        code, out = self.pytest("_pass or no_loop or expected")
        self.assertEqual(code, 1, out)
        self.assertNotIn("loopscope replay", out)
        self.assertEqual(self.recordings(), [])

    def test_a_failed_test_leaves_a_recording_of_its_loop(self):
        code, out = self.pytest("test_pass or test_fail or test_asyncio_pass or fixture_fails")
        self.assertEqual(code, 1, out)
        self.assertIn("loopscope replay .loopscope/test_it.py_test_fail.wire", out)
        names = ["test_it.py_test_fail.wire", "test_it.py_test_fixture_fails.wire"]
        self.assertEqual(self.recordings(), names)
        for text in self.opened() or ():
            self.assertIn("AssertionError", text)
            self.assertIn("1 task;", text)

    def test_a_long_name_becomes_the_name_of_a_file(self):
        code, out = self.pytest("long_name")
        self.assertEqual((code, len(self.recordings())), (1, 1), out)
        self.assertLess(len(self.recordings()[0].encode()), 255)

    def test_each_way_to_run_a_test_is_recorded(self):
        code, out = self.pytest("asyncio_fail or anyio_fail or shared")
        self.assertEqual(code, 1, out)
        self.assertEqual(len(self.recordings()), 3, out)
        for text in self.opened() or ():
            self.assertIn("AssertionError", text)

    def test_a_hanging_test_says_what_each_task_waits_for(self):
        out = self.hang(
            "test_hang",
            "waits for lock `first`, held by #1 holder",
            "waits for event `Event`",
            "in want: async with first:",
            "the test took longer than 1.5 s",
        )
        self.assertIn("waits for task #2 wanting", out)

    def test_a_hanging_test_of_pytest_asyncio_and_of_anyio_too(self):
        for name in ("test_asyncio_hang", "test_anyio_hang"):
            with self.subTest(name):
                self.setUp()
                self.hang(name, "waits for lock `first`, held by", "in want: async with first:")

    def test_a_loop_that_never_waits_is_interrupted(self):
        self.hang("test_busy", "#0 busy ", "await asyncio.sleep(0)")

    def test_a_task_that_blocks_is_named_with_its_line(self):
        self.hang("test_blocked", "#0 main runs", "in main: time.sleep(60)")

    def test_a_loop_in_another_thread_is_seen(self):
        self.hang("test_loop_in_a_thread", "#0 sleep waits for a timer, due in 5")

    def test_a_task_that_refuses_its_cancellation_hangs_no_longer(self):
        self.hang("test_cancellation_is_refused", "waits for a timer")

    def test_pytest_timeout_says_what_each_task_waits_for(self):
        for method in ("signal", "thread"):
            with self.subTest(method):
                self.setUp()
                options = ["--timeout", "1.5", "--timeout-method", method]
                code, out = self.pytest("test_hang", *options)
                self.assertEqual(code, 1, out)
                self.assertIn("waits for lock `first`, held by #1 holder", out)
                self.assertIn("loopscope replay .loopscope/", out)
                self.assertEqual(len(self.recordings()), 1, out)

    def test_a_folder_that_cannot_be_written_fails_no_other_test(self):
        open(os.path.join(self.folder, ".loopscope"), "w").close()
        code, out = self.pytest("test_fail or test_pass")
        self.assertEqual(code, 1, out)
        self.assertIn("1 failed, 1 passed", out)
        self.assertIn("loopscope: cannot write", out)

    def check(self, name, *options):
        """Checks the tests with this name, which pass by themselves."""
        if LOOPSCOPE is None:
            self.skipTest("no program that checks")
        with open(os.path.join(self.folder, "test_it.py"), "w") as file:
            file.write(CHECKED)
        return self.pytest(name, "--loopscope-check", *options)

    def line(self, text):
        """Where a text is in the tests."""
        return 1 + CHECKED[: CHECKED.index(text)].count("\n")

    def test_a_finding_fails_a_test_that_passes(self):
        code, out = self.check("blocks or lost or never")
        self.assertEqual(code, 1, out)
        self.assertIn("4 failed", out)
        for rule, text in (
            ("warning[blocking]", "time.sleep(0.3)"),
            ("error[unretrieved]", "asyncio.create_task(fail())"),
            ("error[unawaited]", "others()\n    await asyncio.sleep(0.001)"),
        ):
            self.assertIn(f"{rule} test_it.py:{self.line(text)}", out)
            self.assertIn(f"- {rule}", out)  # In the summary.
        self.assertIn("fix: ", out)
        self.assertIn("see: loopscope replay .loopscope/test_it.py_test_blocks.wire --at ", out)
        self.assertEqual(len(self.recordings()), 4, out)
        self.opened()

    def test_a_healthy_test_passes_the_check_and_leaves_nothing(self):
        code, out = self.check("healthy")
        self.assertEqual(code, 0, out)
        self.assertRegex(out, "4 passed, .*1 xfailed")
        self.assertEqual(self.recordings(), [])

    def test_the_check_is_made_milder_by_options(self):
        code, out = self.check("test_blocks", "--loopscope-fail-on", "error")
        self.assertEqual(code, 0, out)
        code, out = self.check("test_blocks", "--loopscope-allow", "blocking")
        self.assertEqual(code, 0, out)
        limits = ("blocking=5s", "blocking.again=5s")
        code, out = self.check("test_blocks", *(f"--loopscope-limit={limit}" for limit in limits))
        self.assertEqual(code, 0, out)

    def test_an_option_that_the_check_refuses_is_told_at_once(self):
        code, out = self.check("healthy", "--loopscope-allow", "speed")
        self.assertEqual(code, 4, out)
        self.assertIn("no rule is called speed", out)

    def test_a_check_without_the_program_is_refused(self):
        self.check("nothing")
        self.path = os.path.join(self.folder, "none")
        code, out = self.pytest("healthy", "--loopscope-check")
        self.assertEqual(code, 4, out)
        self.assertIn("needs the program loopscope", out)

    def test_recordings_of_other_processes_are_summed_up(self):
        if not HAS_XDIST:
            self.skipTest("there is no pytest-xdist")
        code, out = self.pytest("test_fail or test_pass", "-n", "2")
        self.assertEqual(code, 1, out)
        summary = out.partition("loopscope: the event loops of failed tests")[2]
        self.assertEqual(summary.count("loopscope replay .loopscope/"), 1, out)

    def test_without_the_option_nothing_is_loaded(self):
        code, out = self.pytest("test_fail", "-p", "no:loopscope.pytest_plugin")
        self.assertNotEqual(code, 0)
        self.assertEqual(self.recordings(), [])


if __name__ == "__main__":
    LOOPSCOPE = os.path.abspath(sys.argv.pop(1)) if len(sys.argv) > 1 else None
    with environment() as PYTHON:
        if install(PYTHON, ["pytest", "pytest-asyncio", "pytest-timeout", "anyio"]):
            HAS_XDIST = install(PYTHON, ["pytest-xdist"])
            unittest.main()
        else:
            print("pytest: skipped, it cannot be installed here")
