"""`pytest --loopscope`: keeps the last ticks of a failed or hanging test as a recording.

The adapter records each loop that a test runs, into memory. A test that passes leaves nothing. For
one that fails, the recording is written to `.loopscope/` in the folder of the tests, and the report
says how to open it. A test that takes too long (`--loopscope-timeout`, or pytest-timeout) fails with
a list of what each task waits for.
"""

import os
import re
import shlex
import signal
import sys
import threading
import weakref

import pytest

FOLDER = ".loopscope"


def pytest_addoption(parser):
    group = parser.getgroup("loopscope", "the event loop of a failed test")
    group.addoption(
        "--loopscope",
        action="store_true",
        help="keep the last ticks of the event loop of each failed test as a recording",
    )
    group.addoption(
        "--loopscope-timeout",
        type=float,
        metavar="SECONDS",
        help="fail a test that takes longer, and list what each task waits for "
        "(implies --loopscope)",
    )


@pytest.hookimpl(tryfirst=True)
def pytest_configure(config):
    timeout = config.getoption("--loopscope-timeout")
    if not config.getoption("--loopscope") and timeout is None:
        return
    if "LOOPSCOPE_SOCKET" in os.environ:
        # The adapter sends this run to loopscope already.
        _say(config, "loopscope watches this run, so --loopscope keeps no recordings")
        return
    config.pluginmanager.register(Plugin(config, timeout), "loopscope-recordings")


def _say(config, words):
    reporter = config.pluginmanager.getplugin("terminalreporter")
    if reporter is None:
        print("loopscope:", words, file=sys.stderr)
    else:
        reporter.write_line(f"loopscope: {words}")


class Plugin:
    """Records each test."""

    def __init__(self, config, timeout):
        from . import adapter
        from .kept import Kept

        self.adapter = adapter.install(Kept)
        self.kept = Kept
        self.config = config
        self.timeout = timeout
        self.folder = config.rootpath / FOLDER
        self.written = []
        #: The loops that have run.
        self.loops = weakref.WeakSet()
        #: What the tasks waited for when a loop was interrupted.
        self.waiting = None
        self.has_written = False
        self.has_warned = False
        adapter.watch_loops(self.loops.add, self._interrupted)
        self.nodeid = ""
        timeouts = sys.modules.get("pytest_timeout")
        if hasattr(timeouts, "dump_stacks"):
            self._watch_timeouts(timeouts)

    def _watch_timeouts(self, timeouts):
        """Looks at the tasks when a test takes longer than pytest-timeout allows."""
        dump = timeouts.dump_stacks

        def dump_stacks(terminal):
            self._look()
            if threading.current_thread() is not threading.main_thread():
                # pytest-timeout ends the process next, so there will be no report.
                terminal.sep("~", title="loopscope")
                terminal.write("\n".join(self._words(self.nodeid)) + "\n")
            dump(terminal)

        timeouts.dump_stacks = dump_stacks

    # ---- one test

    @pytest.hookimpl(tryfirst=True)
    def pytest_runtest_logstart(self, nodeid):
        self.kept.all[:] = [kept for kept in self.kept.all if not kept.is_closed]
        self.adapter.flush()
        for kept in self.kept.all:
            kept.forget()
        self.has_written = False
        self.nodeid = nodeid

    @pytest.hookimpl(hookwrapper=True)
    def pytest_runtest_setup(self, item):
        yield from self._in_time(item)

    @pytest.hookimpl(hookwrapper=True)
    def pytest_runtest_call(self, item):
        yield from self._in_time(item)

    @pytest.hookimpl(hookwrapper=True)
    def pytest_runtest_teardown(self, item):
        yield from self._in_time(item)

    def _in_time(self, item):
        """One phase of a test, which fails if it takes longer than it may."""
        self.waiting = None
        if self.timeout is None or not self._can_alarm(item.config):
            yield
            return
        before = signal.signal(signal.SIGALRM, self._alarm)
        signal.setitimer(signal.ITIMER_REAL, self.timeout)
        try:
            yield
        finally:
            signal.setitimer(signal.ITIMER_REAL, 0)
            signal.signal(signal.SIGALRM, before)

    def _can_alarm(self, config):
        if not hasattr(signal, "SIGALRM"):
            reason = "this system has no SIGALRM"
        elif threading.current_thread() is not threading.main_thread():
            reason = "the tests do not run on the main thread"
        elif signal.getitimer(signal.ITIMER_REAL)[0]:
            reason = "another timeout is set"
        else:
            return True
        if not self.has_warned:
            self.has_warned = True
            _say(config, f"--loopscope-timeout has no effect: {reason}")
        return False

    def _alarm(self, number, frame):
        __tracebackhide__ = True
        self._look()
        # The failure may be raised where exceptions are ignored: in a finalizer, in a callback.
        signal.setitimer(signal.ITIMER_REAL, max(1, self.timeout))
        pytest.fail(f"the test took longer than {self.timeout:g} s (--loopscope-timeout)")

    # ---- what is seen

    def _interrupted(self):
        """A loop ends with an exception: its tasks have not been cancelled yet."""
        self._look()

    def _look(self):
        """Notes what each task waits for. Of several looks at one phase the first counts."""
        if self.waiting is not None:
            return
        self.adapter.flush()
        lines = []
        for loop in list(self.loops):
            kept = self.adapter.recording(loop, self.kept.all)
            if not loop.is_closed():
                lines += self.adapter.describe(loop, kept)
        self.waiting = lines

    @pytest.hookimpl(hookwrapper=True)
    def pytest_runtest_makereport(self, item, call):
        outcome = yield
        report = outcome.get_result()
        if not report.failed or self.has_written:
            return
        words = self._words(item.nodeid)
        if words:
            report.sections.append(("loopscope", "\n".join(words)))

    def _words(self, nodeid):
        """Writes the recordings of a failed test, and returns what is said about it."""
        words = []
        if self.waiting:
            words += ["What each task waited for:", *self.waiting, ""]
        return words + [f"Open its event loop: {self._open(path)}" for path in self._write(nodeid)]

    def _write(self, nodeid):
        self.adapter.flush()
        paths = []
        for kept in self.kept.all:
            if kept.blocks and not kept.is_inherited():
                path = self._path(nodeid, kept)
                try:
                    path.parent.mkdir(exist_ok=True)
                    self.adapter.write(kept, path, nodeid, self.loops)
                except OSError as error:
                    self._fail_to_write(path, error)
                    continue
                paths.append(path)
        self.written += paths
        self.has_written = bool(paths)
        return paths

    def _fail_to_write(self, path, error):
        if not self.has_warned:
            self.has_warned = True
            _say(self.config, f"cannot write {path}: {error.strerror}")

    def _path(self, nodeid, kept):
        name = nodeid if kept.thread == "MainThread" else f"{nodeid}-{kept.thread}"
        name = re.sub(r"[^\w.\[\]-]+", "_", name)
        # A name of a file has at most 255 bytes.
        name = name.encode("utf-8", "replace")[-200:].decode("utf-8", "ignore")
        return self.folder / f"{name}.wire"

    @staticmethod
    def _open(path):
        try:
            path = os.path.relpath(path)
        except ValueError:
            pass
        return f"loopscope replay {shlex.quote(str(path))}"

    def pytest_terminal_summary(self, terminalreporter):
        if self.written:
            terminalreporter.section("loopscope: the event loops of failed tests")
            for path in self.written:
                terminalreporter.write_line(self._open(path))
