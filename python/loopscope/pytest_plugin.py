"""`pytest --loopscope`: keeps the last ticks of a failed or hanging test as a recording.

The adapter records each loop that a test runs, into memory. A test that passes leaves nothing. For
one that fails, the recording is written to `.loopscope/` in the folder of the tests, and the report
says how to open it. A test that takes too long (`--loopscope-timeout`, or pytest-timeout) fails with
a list of what each task waits for.

With `--loopscope-check` each recording is checked, also that of a test that passes: it fails if
`loopscope check` finds something.
"""

import os
import re
import shlex
import signal
import sys
import tempfile
import threading
import weakref
from pathlib import Path

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
    group.addoption(
        "--loopscope-check",
        action="store_true",
        help="fail a test in whose event loop `loopscope check` finds something "
        "(implies --loopscope)",
    )
    group.addoption(
        "--loopscope-fail-on",
        choices=("error", "warning"),
        default="warning",
        help="the mildest finding for which --loopscope-check fails a test (default: warning)",
    )
    for name, metavar, what in (
        ("allow", "ID[@FILE:LINE]", "leave out what a rule of --loopscope-check finds"),
        ("limit", "ID=VALUE", "set a threshold of --loopscope-check, such as blocking=50ms"),
    ):
        group.addoption(
            f"--loopscope-{name}", action="append", default=[], metavar=metavar, help=what
        )


@pytest.hookimpl(tryfirst=True)
def pytest_configure(config):
    timeout = config.getoption("--loopscope-timeout")
    checks = config.getoption("--loopscope-check")
    if not config.getoption("--loopscope") and timeout is None and not checks:
        return
    if "LOOPSCOPE_SOCKET" in os.environ:
        # The adapter sends this run to loopscope already.
        _say(config, "loopscope watches this run, so --loopscope keeps no recordings")
        return
    check = _check_of(config) if checks else None
    config.pluginmanager.register(Plugin(config, timeout, check), "loopscope-recordings")


def _check_of(config):
    """What the tests are checked for, by the options."""
    from .check import Check, CheckError
    from .program import find

    program = find()
    if program is None:
        raise pytest.UsageError("--loopscope-check needs the program loopscope, which is not found")
    options = (config.getoption(f"--loopscope-{name}") for name in ("fail-on", "allow", "limit"))
    try:
        return Check(program, *options)
    except (CheckError, OSError) as error:
        raise pytest.UsageError(f"--loopscope-check: {error}") from None


def _say(config, words):
    reporter = config.pluginmanager.getplugin("terminalreporter")
    if reporter is None:
        print("loopscope:", words, file=sys.stderr)
    else:
        reporter.write_line(f"loopscope: {words}")


class Plugin:
    """Records each test."""

    def __init__(self, config, timeout, check=None):
        from . import adapter
        from .kept import Kept

        self.adapter = adapter.install(Kept)
        self.kept = Kept
        self.config = config
        self.timeout = timeout
        self.check = check
        #: How much was recorded of the test when it was checked.
        self.checked = 0
        self.is_checked = False
        self.folder = config.rootpath / FOLDER
        #: The recordings that were written since the last report, and those of all reports.
        self.written, self.reported = [], []
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
        self.checked = 0
        self.is_checked = self.check is not None
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
        self._keep(item, call, report)
        # A report gets to the process that sums up, which with pytest-xdist is another one.
        report.loopscope_recordings = [str(path) for path in self.written]
        self.written.clear()

    def _keep(self, item, call, report):
        """Checks a test that has passed, and writes the recordings of one that fails."""
        if hasattr(report, "wasxfail"):
            # It is not expected to be healthy.
            self.is_checked = False
        if self.is_checked and report.passed and call.when != "setup" and not self.has_written:
            self._check(item.nodeid, report)
        if not report.failed or self.has_written:
            return
        words = self._words(item.nodeid)
        if words:
            report.sections.append(("loopscope", "\n".join(words)))

    def _check(self, nodeid, report):
        """Lets the report fail if something is found in what was recorded since the last check."""
        self.adapter.flush()
        recorded = sum(kept.lost + kept.size for kept in self.kept.all)
        if recorded == self.checked:
            return
        self.checked = recorded
        from .check import CheckError

        with tempfile.TemporaryDirectory(prefix="loopscope-") as folder:
            paths = self._write_into(Path(folder), nodeid)
            try:
                found = self.check.run(paths) if paths else []
            except (CheckError, OSError) as error:
                report.outcome = "failed"
                report.longrepr = f"loopscope check: {error}"
                return
        if any(found):
            report.outcome = "failed"
            report.longrepr = "\n".join(self._found(found, self._write(nodeid)))

    def _found(self, found, paths):
        """What was found in each recording, and how to look at it."""
        from .check import words

        lines = []
        for at, findings in enumerate(found):
            for finding in findings:
                lines += words(finding)
                if at < len(paths) and finding["evidence"]:
                    lines.append(f"    see: {self._open(paths[at])} --at {finding['evidence'][0]}")
        return [*lines, "The test itself passed: loopscope check fails it."]

    def _words(self, nodeid):
        """Writes the recordings of a failed test, and returns what is said about it."""
        words = []
        if self.waiting:
            words += ["What each task waited for:", *self.waiting, ""]
        return words + [f"Open its event loop: {self._open(path)}" for path in self._write(nodeid)]

    def _write(self, nodeid):
        """Writes the recordings of a test, and returns their paths."""
        self.adapter.flush()
        paths = self._write_into(self.folder, nodeid)
        self.written += paths
        self.has_written = bool(paths)
        return paths

    def _write_into(self, folder, nodeid):
        paths = []
        for kept in self.kept.all:
            if kept.blocks and not kept.is_inherited():
                path = folder / self._name(nodeid, kept)
                try:
                    path.parent.mkdir(exist_ok=True)
                    self.adapter.write(kept, path, nodeid, self.loops)
                except OSError as error:
                    self._fail_to_write(path, error)
                    continue
                paths.append(path)
        return paths

    def _fail_to_write(self, path, error):
        if not self.has_warned:
            self.has_warned = True
            _say(self.config, f"cannot write {path}: {error.strerror}")

    @staticmethod
    def _name(nodeid, kept):
        name = nodeid if kept.thread == "MainThread" else f"{nodeid}-{kept.thread}"
        name = re.sub(r"[^\w.\[\]-]+", "_", name)
        # A name of a file has at most 255 bytes.
        name = name.encode("utf-8", "replace")[-200:].decode("utf-8", "ignore")
        return f"{name}.wire"

    @staticmethod
    def _open(path):
        try:
            path = os.path.relpath(path)
        except ValueError:
            pass
        return f"loopscope replay {shlex.quote(str(path))}"

    def pytest_runtest_logreport(self, report):
        self.reported += getattr(report, "loopscope_recordings", ())

    def pytest_terminal_summary(self, terminalreporter):
        if self.reported:
            terminalreporter.section("loopscope: the event loops of failed tests")
            for path in self.reported:
                terminalreporter.write_line(self._open(path))
