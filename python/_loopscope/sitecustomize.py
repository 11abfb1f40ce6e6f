"""Starts the adapter in a Python program that runs under loopscope.

CPython imports `sitecustomize` before the program. This module imports nothing that the program may
not use: the adapter is loaded when the program imports `asyncio`.
"""

import os
import sys

# The import system's own modules: their public names cost more than this module.
from _frozen_importlib import module_from_spec
from _frozen_importlib_external import PathFinder

_FOLDER = __file__.rpartition("/")[0]
_TERMINAL = os.environ.pop("LOOPSCOPE_TERMINAL", None)
_OPEN = "/proc/self/fd/"
_INHERITED = ()
if "LOOPSCOPE_SNAPSHOTS" in os.environ and os.path.isdir(_OPEN):
    _INHERITED = [name for name in os.listdir(_OPEN) if os.path.exists(_OPEN + name)]


class _Finder:
    """Lets the adapter change a module directly after its first import."""

    #: The names of the modules.
    names = set()

    def find_spec(self, name, path=None, target=None):
        if name not in self.names:
            return None
        self.names.remove(name)
        return _entry("find", name)


def _entry(function, *arguments):
    """Calls a function of the adapter."""
    sys.path.insert(0, _FOLDER)
    try:
        from _loopscope import entry

        entry.inherited, entry.terminal = _INHERITED, _TERMINAL
    except Exception as error:  # The program continues, unobserved.
        print("loopscope: the adapter did not start:", error, file=sys.stderr)
        return None
    finally:
        sys.path.remove(_FOLDER)
    return getattr(entry, function)(*arguments)


def _unseen():
    """Says that the program has used an event loop that is not recorded."""
    names = ("trio", "curio", "gevent", "qasync", "PyQt6", "PySide6", "PyQt5", "PySide2")
    used = [name for name in names if name in sys.modules]
    recorder = sys.modules.get("_loopscope.recorder")
    if used and not (recorder and recorder.recorders):
        print(f"loopscope: the event loop of {used[0]} is not recorded", file=sys.stderr)


def _chain():
    """Runs the environment's own `sitecustomize`, which this one hides."""
    path = [entry for entry in sys.path if entry.rstrip("/") != _FOLDER]
    spec = PathFinder.find_spec("sitecustomize", path)
    if spec is None or spec.loader is None:
        return
    module = module_from_spec(spec)
    sys.modules["sitecustomize"] = module
    spec.loader.exec_module(module)


if _TERMINAL and os.getpid() != os.getpgrp():
    # In a session of its own, without the terminal that the screen has.
    os.setsid()
# Without loopscope, as when this folder is used for its package, the program is left alone.
if "LOOPSCOPE_SOCKET" in os.environ:
    _Finder.names = {"asyncio", "uvloop", "pdb"} if _TERMINAL else {"asyncio", "uvloop"}
    sys.meta_path.insert(0, _Finder())
    if "asyncio" in sys.modules:
        # Another tool's `sitecustomize`, which loads this one, has imported it.
        _Finder.names.remove("asyncio")
        _entry("loaded", "asyncio", None)
    import atexit

    atexit.register(_unseen)
    # The program's own modules are found as without loopscope.
    sys.path[:] = [entry for entry in sys.path if entry.rstrip("/") != _FOLDER]
_chain()
