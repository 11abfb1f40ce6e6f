"""A temporary virtual environment with packages from the package index, and the interpreters."""

import contextlib
import glob
import os
import shutil
import signal
import subprocess
import sys
import tempfile

ADAPTER = os.path.dirname(os.path.dirname(os.path.abspath(__file__)))
#: The versions that the adapter supports and that are looked for.
VERSIONS = [f"3.{minor}" for minor in range(9, 16)]


# A shell lets a job in the background ignore SIGINT, and the job's programs would ignore it as well.
if signal.getsignal(signal.SIGINT) is signal.SIG_IGN:
    signal.signal(signal.SIGINT, signal.default_int_handler)


def interpreters():
    """The CPythons of the versions that are found, each once: the version and the path."""
    found = {}
    for version in VERSIONS:
        pyenv = os.path.expanduser(f"~/.pyenv/versions/{version}.*/bin/python")
        for path in [shutil.which(f"python{version}"), *sorted(glob.glob(pyenv))]:
            if path and version not in found and _version(path) == version:
                found[version] = path
    return found


def _version(path):
    code = "import sys; print('%d.%d' % sys.version_info[:2], sys.implementation.name)"
    answer = subprocess.run([path, "-c", code], capture_output=True, text=True)
    version, _, name = answer.stdout.strip().partition(" ")
    return version if name == "cpython" else None


@contextlib.contextmanager
def environment(python=sys.executable):
    """A virtual environment that is removed afterwards. Gives its interpreter."""
    with tempfile.TemporaryDirectory(prefix="loopscope-env-") as folder:
        subprocess.run([python, "-m", "venv", folder], check=True, stdout=subprocess.DEVNULL)
        yield os.path.join(folder, "bin", "python")


def install(python, packages):
    """Installs packages. Returns whether that was possible."""
    command = [python, "-m", "pip", "install", "-q", "--disable-pip-version-check", *packages]
    return subprocess.run(command, stderr=subprocess.DEVNULL).returncode == 0
