"""Checks all that is promised of `loopscope python`, and prints one line for each row and interpreter.

    python3 python/tests/table.py [--loopscope PATH] [--all] [--costs] [ROW…]

| row | what is checked |
|---|---|
| `programs` | small programs and the twins: output, errors and exit code are equal with and without |
| `virtual` | twins that wait only for timers, on the virtual clock: equal to their Rust scenarios |
| `costs` | CPU, servers under load, start-up, memory and disk, each with its limit; only with `--costs` |
| `reference` | who woke whom, holders of locks, lengths of queues, free permits |
| `lines` | the line of the await of each task that waits for long |
| `control` | pauses, 17 commands that are 17 ticks, and the program's own clock |
| `adapter` | what else the adapter promises: its tests of signals, forks, readers that stall or end |
| `attach` | a loop that runs already, and is left as it was |
| `frameworks` | well-known packages: the same results, ticks recorded |
| `foreign` | loops that are not asyncio's own: recorded as far as that is possible, or said in one line |
| `conflicts` | tools that change a program as well |
| `snapshots` | back by some ticks and on again, and in another order |
| `plugin` | `pytest --loopscope` |

`--all` does so under each CPython that is found, otherwise under this one. Of a row that fails, what the
check has printed follows. The exit code is 1 if a row fails. Rows that need the program `loopscope`
are skipped without `--loopscope`.
"""

import argparse
import json
import os
import re
import subprocess
import sys
import tempfile
import time
from concurrent.futures import ThreadPoolExecutor

sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)))
from environment import ADAPTER, VERSIONS, environment, install, interpreters

HERE = os.path.join(ADAPTER, "tests")
ROOT = os.path.dirname(ADAPTER)
#: How many seconds a row may take.
PATIENCE = 3600
CONFLICTS = ("ddtrace", "ddtrace_run", "debugpy", "sentry")
#: The most of each figure: a part of its name, and the number.
LIMITS = (
    ("yields.causes", 1.5), ("yields.all", 2.0), ("queue.causes", 1.35), ("queue.all", 1.9),
    ("start.bare", 5), ("start.asyncio", 25), ("start.loop", 25), ("aiohttp", 1.4), ("fastapi", 1.2), ("memory", 15),
    ("disk", 3), ("pause.idle", 50), ("clock", 20),
)  # fmt: skip


class Skipped(Exception):
    """Why a row is not checked."""


class Table:
    """The rows, under one interpreter."""

    def __init__(self, python, loopscope):
        self.python, self.loopscope = python, loopscope

    def run(self, command, **options):
        """Runs a command in the checkout. Returns the exit code and what it has printed."""
        process = subprocess.run(
            command,
            cwd=ROOT,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            encoding="utf-8",
            errors="replace",
            timeout=PATIENCE,
            **options,
        )
        return process.returncode, process.stdout

    def script(self, name, *arguments):
        return self.run([self.python, "-B", os.path.join(HERE, name), *arguments])

    def program(self):
        if self.loopscope is None:
            raise Skipped("the program loopscope was not named")
        return self.loopscope

    def tests(self, *modules):
        """The tests of the adapter in some modules."""
        command = [self.python, "-B", "-W", "ignore", "-m", "unittest", *modules]
        code, out = self.run(command, env=dict(os.environ, PYTHONPATH=HERE))
        number = re.search(r"^Ran (\d+) test", out, re.M)
        skipped = re.search(r"skipped=(\d+)", out)
        words = f"{number[1] if number else 'no'} tests"
        return code == 0, words + (f", {skipped[1]} of them skipped" if skipped else ""), out

    def programs(self):
        code, out = self.script("programs.py", "--twins", "--loopscope", self.program())
        return code == 0, last_line(out), out

    def virtual(self):
        program = self.program()
        with open(os.path.join(ROOT, "tests", "program", "python_twins.rs")) as file:
            twins = re.search(r"const TIMER_ONLY.*?\];", file.read(), re.S)[0]
        names = re.findall(r'"(\w+:\w+)"', twins)
        with tempfile.TemporaryDirectory() as folder:
            os.mkdir(os.path.join(folder, "bin"))
            os.symlink(self.python, os.path.join(folder, "bin", "python"))
            variables = dict(os.environ, VIRTUAL_ENV=folder, PYTHONDONTWRITEBYTECODE="1")
            with ThreadPoolExecutor(2) as pool:
                wrong = pool.map(lambda name: self.compared(program, name, variables), names)
                wrong = [words for words in wrong if words]
        words = f"{len(names) - len(wrong)} of {len(names)} equal up to a named difference"
        return not wrong, words, "\n".join(wrong)

    def compared(self, program, name, variables):
        """What is wrong with a twin beside its Rust scenario; nothing if they are equal."""
        scenario, _, variant = name.partition(":")
        script = os.path.join(ROOT, "scenarios", f"{scenario}.py:{variant}")
        command = [program, "compare", script, name, "--json"]
        answer = subprocess.run(command, env=variables, capture_output=True, text=True, timeout=120)
        if answer.returncode != 0:
            return f"{name}: {answer.stderr}"
        compared = json.loads(answer.stdout)
        twin, ours = (
            [(line["t"], line["line"]) for line in compared[side]["output"]] for side in "ab"
        )
        difference = (compared["first_difference"] or {}).get("words", "")
        is_named = " in A; " in difference and difference.endswith(" in B")
        return None if twin == ours and is_named else f"{name}: {twin}, {ours}, {difference}"

    def costs(self):
        code, out = self.script("bench.py", "--loopscope", self.program())
        return code == 0 and not too_much(out), figures(out), out

    def reference(self):
        return self.tests("test_reference")

    def lines(self):
        return self.tests("test_await_lines")

    def control(self):
        is_good, words, out = self.tests("test_control")
        version = subprocess.run([self.python, "-V"], capture_output=True, text=True).stdout.split()[1]
        names = [f"python.{version}.{name}" for name in ("pause", "ticks", "clock")]
        code, measured = self.script("bench.py", *names)
        is_good &= code == 0 and not too_much(measured) and "ticks 17.00" in measured
        return is_good, f"{words}; {figures(measured)}", out + measured

    def adapter(self):
        return self.tests("test_adapter", "test_first", "test_kept", "test_reader", "test_size")

    def attach(self):
        return self.tests("test_attach")

    def framework_rows(self, names):
        code, out = self.script("frameworks.py", *names)
        same, skipped = out.count(": same results"), re.findall(r"^(\S+): skipped", out, re.M)
        words = f"{same} the same" + (f"; not there: {', '.join(skipped)}" if skipped else "")
        return code == 0, words, out

    def frameworks(self):
        import frameworks

        return self.framework_rows([name for name in frameworks.cases() if name not in CONFLICTS])

    def foreign(self):
        packages = ("uvloop", "trio", "curio", "gevent")
        with environment(self.python) as python:
            there = [package for package in packages if install(python, [package])]
            is_good, words, out = Table(python, self.loopscope).tests("test_foreign")
        return is_good, f"{words}, with {', '.join(there)}", out

    def conflicts(self):
        return self.framework_rows(CONFLICTS)

    def snapshots(self):
        return self.tests("test_snapshots", "test_twins")

    def plugin(self):
        code, out = self.script("pytest_plugin.py", *filter(None, [self.loopscope]))
        number = re.search(r"^Ran (\d+) test", out, re.M)
        return code == 0, f"{number[1]} tests" if number else last_line(out), out


ROWS = (
    "programs virtual costs reference lines control adapter attach frameworks foreign conflicts snapshots plugin"
).split()


def last_line(text):
    lines = [line for line in text.splitlines() if line.strip()]
    return lines[-1] if lines else "nothing was printed"


def measured(text):
    """The figures that a benchmark has printed: the name without its version, the value, the unit."""
    for name, value, unit in re.findall(r"^bench python\.\d+\.\d+\.\w+\.(\S+) (\S+) (\S+)$", text, re.M):
        yield name, float(value), unit


def too_much(text):
    """The figures that are above their limits."""
    limits = [(name, value, limit) for name, value, _ in measured(text) for part, limit in LIMITS if part in name]
    return [name for name, value, limit in limits if value > limit]


def figures(text):
    above = too_much(text)
    words = (
        f"{name} {value:g} {unit}{' (TOO MUCH)' if name in above else ''}"
        for name, value, unit in measured(text)
    )
    return ", ".join(words)


def check(table, row):
    """Whether a row holds, None if it is skipped; the words for it, and what was printed."""
    try:
        return getattr(table, row)()
    except Skipped as reason:
        return None, str(reason), ""
    except subprocess.TimeoutExpired as error:
        return False, f"not at its end after {PATIENCE} s", str(error.stdout or "")


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("--loopscope")
    parser.add_argument("--all", action="store_true")
    parser.add_argument("--costs", action="store_true")
    parser.add_argument("rows", nargs="*", metavar="ROW")
    arguments = parser.parse_args()
    unknown = [row for row in arguments.rows if row not in ROWS]
    if unknown:
        parser.error(f"no row is called {unknown[0]}: {', '.join(ROWS)}")
    rows = arguments.rows or [row for row in ROWS if row != "costs" or arguments.costs]
    here = {"%d.%d" % sys.version_info[:2]: sys.executable}
    pythons = interpreters() if arguments.all else here
    loopscope = arguments.loopscope and os.path.abspath(arguments.loopscope)
    good = True
    for row in rows:
        for version, python in pythons.items():
            since = time.monotonic()
            holds, words, out = check(Table(python, loopscope), row)
            mark = {True: "holds", False: "FAILS", None: "skipped"}[holds]
            took = time.monotonic() - since
            print(f"{row:<11} CPython {version:<5} {mark:<8} {words} ({took:.0f} s)", flush=True)
            if holds is False:
                good = False
                print(*("    " + line for line in out.splitlines()[-60:]), sep="\n", flush=True)
    for version in VERSIONS if arguments.all else ():
        if version not in pythons:
            print(f"{'all':<11} CPython {version:<5} skipped  this version is not found")
    return 0 if good else 1


if __name__ == "__main__":
    sys.exit(main())
