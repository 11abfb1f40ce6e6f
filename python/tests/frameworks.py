"""Runs programs of well-known packages with and without the adapter, and compares them.

    python3 python/tests/frameworks.py [--all] [NAME…]

The programs are in `frameworks/`; the first line of each names its packages. They are installed from
the package index into a temporary environment; a program whose packages cannot be installed is
skipped by name. `--all` does so under each CPython that is found.
"""

import os
import re
import subprocess
import sys
import tempfile

sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)))
import wire_reader
from environment import ADAPTER, environment, install, interpreters

HERE = os.path.join(ADAPTER, "tests", "frameworks")
PROGRAMS = os.path.join(ADAPTER, "tests", "programs")
#: Programs without packages that belong to the same list.
PLAIN = ("runner", "threads", "eager", "subprocesses", "signals", "keyboard_interrupt")
#: What differs from run to run: addresses, and how long something took.
CHANGING = re.compile(r"0x[0-9a-f]+|\b\d+\.\d+s\b")


def cases():
    """The names and the paths of the programs."""
    found = {name[:-3]: os.path.join(HERE, name) for name in sorted(os.listdir(HERE))}
    found.update((name, os.path.join(PROGRAMS, f"{name}.py")) for name in PLAIN)
    return found


def plain(python, code):
    with tempfile.TemporaryDirectory() as folder:
        with open(os.path.join(folder, "script.py"), "w") as file:
            file.write(code)
        return subprocess.run(
            [python, "script.py"], cwd=folder, capture_output=True, text=True, timeout=120
        )


def results(process):
    texts = (CHANGING.sub("...", text) for text in (process.stdout, process.stderr))
    return (process.returncode, *texts)


def check(name, path, python):
    with open(path) as file:
        code = file.read()
    without = results(plain(python, code))
    process, runs = wire_reader.record(code, python=python)
    with_it = results(process)
    ticks = [len(run.of("tick")) for run in runs]
    same = without == with_it
    enough = sum(ticks) > 0
    processes = len({run.hello["pid"] for run in runs if run.of("tick")})
    if name == "workers":
        enough = processes >= 2
    words = "same results" if same else "DIFFERENT"
    print(f"{name}: {words}, {sum(ticks)} ticks recorded in {processes} processes", flush=True)
    if not enough:
        print(f"{name}: TOO LITTLE RECORDED")
    if not same or without[0] not in (0, 130):
        print(*without, *with_it, sep="\n")
    return same and enough


def one(python, names):
    """Checks the programs under one interpreter."""
    good = True
    with environment(python) as inside:
        for name, path in cases().items():
            if names and name not in names:
                continue
            with open(path) as file:
                packages = re.match("# packages: (.*)", file.read())
            if packages and not install(inside, packages[1].split()):
                print(f"{name}: skipped, it cannot be installed here")
            else:
                good &= check(name, path, inside)
    return good


def main(arguments):
    names = [name for name in arguments if name != "--all"]
    here = {"%d.%d" % sys.version_info[:2]: sys.executable}
    good = True
    for version, python in (interpreters() if "--all" in arguments else here).items():
        print(f"CPython {version}:")
        good &= one(python, names)
    return 0 if good else 1


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
