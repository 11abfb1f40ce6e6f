"""Runs small programs with and without loopscope: output, errors and exit code must be equal.

    python3 python/tests/programs.py [--loopscope PATH] [--all] [--twins] [NAME…]

The programs are in `programs/`. `--twins` adds those of `scenarios/`, on the real clock. The order of
the lines is compared too, except of the programs in `RACES`. `--all` runs
each under every CPython that is found, otherwise under this one. Without `--loopscope` the adapter
runs alone, and what it sends is discarded.
"""

import argparse
import os
import re
import shlex
import signal
import socket
import subprocess
import sys
import tempfile
import threading
from concurrent.futures import ThreadPoolExecutor

sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)))
from environment import ADAPTER, interpreters

HERE = os.path.join(ADAPTER, "tests", "programs")
SCENARIOS = os.path.join(os.path.dirname(ADAPTER), "scenarios")
#: How many seconds a program may take. Some twins wait for ever.
PATIENCE = 60
#: Programs whose lines come in another order from run to run, also without loopscope. Their tasks
#: wait several times one after the other, and are due together: 10 waits of one task, 5 of another.
#: Each wait ends a little late, so which of them is first is not determined.
RACES = (
    "flag_downloads:two_requests",
    "send_updates:generators",
    "send_updates:mini_loop",
    "send_updates:threads",
)
#: How often a program that differs runs again before the two are said to differ: a machine that stops
#: for a moment puts the lines of timers that are close together into another order.
TRIES = 3
#: What differs from run to run: addresses, and times on the real clock.
CHANGING = re.compile(rb"0x[0-9a-f]+|\b\d+\.\d+ ?m?s\b|\b\d+\.\d{3,}\b")


class Program:
    """A program: how it is started, and what it is given."""

    def __init__(self, name, path, variant=None):
        self.name = name
        with open(path, encoding="utf-8") as file:
            head = dict(re.findall(r"^# (argv|options|stdin|module): (.*)$", file.read(), re.M))
        options = shlex.split(head.get("options", ""))
        what = ["-m", head["module"]] if "module" in head else [path]
        arguments = [variant] if variant else shlex.split(head.get("argv", ""))
        self.command = options + what + arguments
        self.input = head.get("stdin", "").replace("\\n", "\n").encode()

    def run(self, start, environment=None):
        """The exit code, the output and the errors. A program that does not end is interrupted."""
        process = subprocess.Popen(
            start + self.command,
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            cwd=HERE,
            env=dict(os.environ, PYTHONDONTWRITEBYTECODE="1", **environment or {}),
            start_new_session=True,
        )
        try:
            texts = process.communicate(self.input, PATIENCE)
            texts = [CHANGING.sub(b"...", text) for text in texts]
            if self.name in RACES:
                # `print` writes a line break on its own, and another thread may write before it.
                texts = [sorted(text.replace(b"[", b" [").split()) for text in texts]
        except subprocess.TimeoutExpired:
            # loopscope hands it on. Sent to the whole group, it would reach the program twice.
            os.kill(process.pid, signal.SIGINT)
            try:
                process.communicate(timeout=PATIENCE)
            except subprocess.TimeoutExpired:
                os.killpg(process.pid, signal.SIGKILL)
                process.communicate()
                return ("does not end when it is interrupted",)
            return ("does not end",)
        code = process.returncode
        # loopscope ends as a shell tells that a program was killed.
        code = 128 - code if code < 0 else code
        return (code, *texts)


def programs():
    for name in sorted(os.listdir(HERE)):
        path = os.path.join(HERE, name)
        if name.endswith(".py"):
            yield Program(name[:-3], path)
        elif os.path.exists(os.path.join(path, "__main__.py")):
            yield Program(name, os.path.join(path, "__main__.py"))


def twins():
    """Each variant of each twin of a scenario."""
    for file in sorted(os.listdir(SCENARIOS)):
        path = os.path.join(SCENARIOS, file)
        if not file.endswith(".py") or file == "twin.py":
            continue
        asked = subprocess.run(
            [sys.executable, "-B", path, "no such variant"], capture_output=True, text=True
        )
        for variant in re.findall(r"'(\w+)'", asked.stderr.partition("choose from")[2]):
            yield Program(f"{file[:-3]}:{variant}", path, variant)


def discard(listener):
    def drain(connection):
        with connection:
            while connection.recv(1 << 20):
                pass

    while True:
        connection, _ = listener.accept()
        threading.Thread(target=drain, args=(connection,), daemon=True).start()


class Watched:
    """Runs a program with loopscope, or with the adapter alone."""

    def __init__(self, loopscope, folder):
        self.loopscope, self.folder = loopscope, folder
        self.socket = os.path.join(folder, "s")
        listener = socket.socket(socket.AF_UNIX)
        listener.bind(self.socket)
        listener.listen(64)
        threading.Thread(target=discard, args=(listener,), daemon=True).start()

    def run(self, program, python):
        if self.loopscope is None:
            variables = {"PYTHONPATH": ADAPTER, "LOOPSCOPE_SOCKET": self.socket}
            return program.run([python], variables)
        with tempfile.TemporaryDirectory(dir=self.folder) as folder:
            file = os.path.join(folder, "run.loopscope")
            start = [self.loopscope, "python", "--python", python, "--record", file]
            return program.run(start)


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("--loopscope")
    parser.add_argument("--all", action="store_true")
    parser.add_argument("--twins", action="store_true")
    parser.add_argument("names", nargs="*")
    arguments = parser.parse_args()
    chosen = [*programs(), *(twins() if arguments.twins else ())]
    if arguments.names:
        chosen = [program for program in chosen if program.name in arguments.names]
    here = {"%d.%d" % sys.version_info[:2]: sys.executable}
    pythons = interpreters() if arguments.all else here
    wrong = []
    # Most twins sleep for some seconds.
    threads = 16 if arguments.twins else 4
    with tempfile.TemporaryDirectory() as folder, ThreadPoolExecutor(threads) as pool:
        loopscope = arguments.loopscope and os.path.abspath(arguments.loopscope)
        watched = Watched(loopscope, folder)

        def differs(case):
            program, version, python = case
            without, with_it = program.run([python]), watched.run(program, python)
            return () if without == with_it else (program.name, version, without, with_it)

        cases = [(program, *python) for python in pythons.items() for program in chosen]
        again = [case for case, found in zip(cases, pool.map(differs, cases)) if found]
        for case in again:
            # Alone, because the other programs make timers late.
            if all(last := differs(case) for _ in range(TRIES)):
                wrong.append(last)
    for name, version, without, with_it in wrong:
        print(f"{name} on {version} differs:")
        for what, one, other in zip(("exit code", "output", "errors"), without, with_it):
            if one != other:
                print(f"  {what} without: {str(one)[-900:]}\n  {what} with:    {str(other)[-900:]}")
    print(f"{len(cases) - len(wrong)} of {len(cases)} equal, on {', '.join(pythons)}")
    return 1 if wrong else 0


if __name__ == "__main__":
    sys.exit(main())
