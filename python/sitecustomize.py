"""Starts the adapter in a Python program that runs under loopscope.

CPython imports `sitecustomize` before the program. This module imports nothing that the program may
not use: the adapter is loaded when the program imports `asyncio`.
"""

import os
import sys

_FOLDER = __file__.rpartition("/")[0]
_TERMINAL = os.environ.pop("LOOPSCOPE_TERMINAL", None)
_OPEN = "/proc/self/fd/"
_INHERITED = ()
if "LOOPSCOPE_SNAPSHOTS" in os.environ and os.path.isdir(_OPEN):
    _INHERITED = [name for name in os.listdir(_OPEN) if os.path.exists(_OPEN + name)]


class _Finder:
    """Calls a function directly after the first import of a module."""

    #: The functions, by the names of the modules.
    functions = {}

    def find_spec(self, name, path=None, target=None):
        if name not in self.functions:
            return None
        function = self.functions.pop(name)
        from importlib.util import find_spec, spec_from_file_location

        spec = find_spec(name)
        if spec is None:
            return None
        if function is None:
            # asyncio's own loop takes the place of that of uvloop, whose ticks cannot be recorded.
            return spec_from_file_location(name, _FOLDER + "/_loopscope/uvloop_stub.py")
        execute = spec.loader.exec_module

        def exec_module(module):
            execute(module)
            function(module)

        spec.loader.exec_module = exec_module
        return spec


def _adapter(name, *arguments):
    """Starts a part of the adapter."""
    sys.path.insert(0, _FOLDER)
    try:
        from importlib import import_module

        import_module(name).start(*arguments)
    except Exception as error:  # The program continues, unobserved.
        print("loopscope: the adapter did not start:", error, file=sys.stderr)
    finally:
        sys.path.remove(_FOLDER)


def _unseen():
    """Says that the program has used an event loop that is not recorded."""
    names = ("trio", "curio", "gevent", "qasync", "PyQt6", "PySide6", "PyQt5", "PySide2")
    used = [name for name in names if name in sys.modules]
    recorder = sys.modules.get("_loopscope.recorder")
    if used and not (recorder and recorder.recorders):
        print(f"loopscope: the event loop of {used[0]} is not recorded", file=sys.stderr)


def _chain():
    """Runs the environment's own `sitecustomize`, which this one hides."""
    from importlib.machinery import PathFinder

    path = [entry for entry in sys.path if entry.rstrip("/") != _FOLDER]
    spec = PathFinder.find_spec("sitecustomize", path)
    if spec is None or spec.loader is None:
        return
    import importlib.util

    module = importlib.util.module_from_spec(spec)
    sys.modules["sitecustomize"] = module
    spec.loader.exec_module(module)


if _TERMINAL and os.getpid() != os.getpgrp():
    # In a session of its own, without the terminal that the screen has.
    os.setsid()
# Without loopscope, as when this folder is used for its package, the program is left alone.
if "LOOPSCOPE_SOCKET" in os.environ:
    _Finder.functions = {
        "asyncio": lambda asyncio: _adapter("_loopscope", _INHERITED, _TERMINAL),
        "uvloop": None,
    }
    if "LOOPSCOPE_KEEP_UVLOOP" in os.environ:
        _Finder.functions["uvloop"] = lambda uvloop: _adapter("_loopscope.foreign", uvloop)
    if _TERMINAL:
        _Finder.functions["pdb"] = lambda pdb: _adapter("_loopscope.terminal", pdb)
    sys.meta_path.insert(0, _Finder())
    if "asyncio" in sys.modules:
        # Another tool's `sitecustomize`, which loads this one, has imported it.
        _Finder.functions.pop("asyncio")(None)
    import atexit

    atexit.register(_unseen)
    # The program's own modules are found as without loopscope.
    sys.path[:] = [entry for entry in sys.path if entry.rstrip("/") != _FOLDER]
_chain()
