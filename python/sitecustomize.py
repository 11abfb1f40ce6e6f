"""Starts the adapter in a Python program that runs under loopscope.

CPython imports `sitecustomize` before the program. This module imports nothing that the program may
not use: the adapter is loaded when the program imports `asyncio`.
"""

import os
import sys


class _UvloopFinder:
    """Answers `import uvloop` with asyncio's own loop, whose ticks can be recorded."""

    def find_spec(self, name, path=None, target=None):
        if name != "uvloop":
            return None
        from importlib.machinery import PathFinder

        if PathFinder.find_spec(name, None) is None:
            return None
        from importlib.util import spec_from_file_location

        return spec_from_file_location(name, _FOLDER + "/_loopscope/uvloop_stub.py")


class _AfterImport:
    """Calls a function directly after the first import of a module."""

    def __init__(self, name, function):
        self.name, self.function = name, function

    def find_spec(self, name, path=None, target=None):
        if name != self.name:
            return None
        sys.meta_path.remove(self)
        from importlib.util import find_spec

        spec = find_spec(name)
        if spec is None:
            return None
        loader = spec.loader
        execute = loader.exec_module

        def exec_module(module):
            execute(module)
            self.function(module)

        loader.exec_module = exec_module
        return spec


_FOLDER = __file__.rpartition("/")[0]
_INHERITED = ()
_DESCRIPTORS = "/proc/self/fd/"
if "LOOPSCOPE_SNAPSHOTS" in os.environ and os.path.isdir(_DESCRIPTORS):
    _INHERITED = [
        name for name in os.listdir(_DESCRIPTORS) if os.path.exists(_DESCRIPTORS + name)
    ]


def _start(_):
    sys.path.insert(0, _FOLDER)
    try:
        import _loopscope

        _loopscope.start(_INHERITED, _TERMINAL)
    except Exception as error:  # The program continues, unobserved.
        print("loopscope: the adapter did not start:", error, file=sys.stderr)
    finally:
        sys.path.remove(_FOLDER)


def _keep(uvloop):
    foreign = sys.modules.get("_loopscope.hooks") and __import__("_loopscope.foreign").foreign
    if foreign:
        foreign.install(uvloop)


def _lend(pdb):
    """Tells loopscope when a debugger reads commands: then the screen lets it have the terminal."""
    original, depth = pdb.Pdb.interaction, [0]

    def interaction(self, *args, **kwargs):
        _say("terminal", depth[0] == 0)
        depth[0] += 1
        try:
            return original(self, *args, **kwargs)
        finally:
            depth[0] -= 1
            _say("screen", depth[0] == 0)

    pdb.Pdb.interaction = interaction


def _say(word, is_outermost):
    """Writes a sequence to the program's terminal, which the terminal's other side removes."""
    terminals = [descriptor for descriptor in (1, 2, 0) if os.isatty(descriptor)]
    if is_outermost and terminals:
        sys.stdout.flush()
        os.write(terminals[0], f"\x1b]7717;{word}\x07".encode())


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


_TERMINAL = os.environ.pop("LOOPSCOPE_TERMINAL", None)
if _TERMINAL and os.getpid() != os.getpgrp():
    # In a session of its own, without the terminal that the screen has.
    os.setsid()
# Without loopscope, as when this folder is used for its package, the program is left alone.
if "LOOPSCOPE_SOCKET" in os.environ:
    if "asyncio" in sys.modules:
        # Another tool's `sitecustomize`, which loads this one, has imported it.
        _start(None)
    else:
        sys.meta_path.insert(0, _AfterImport("asyncio", _start))
    keeps_uvloop = "LOOPSCOPE_KEEP_UVLOOP" in os.environ
    sys.meta_path.insert(0, _AfterImport("uvloop", _keep) if keeps_uvloop else _UvloopFinder())
    if _TERMINAL:
        sys.meta_path.insert(0, _AfterImport("pdb", _lend))
    import atexit

    atexit.register(_unseen)
    # The program's own modules are found as without loopscope.
    sys.path[:] = [entry for entry in sys.path if entry.rstrip("/") != _FOLDER]
_chain()
