"""Starts the adapter when the program imports `asyncio`, or another module that it changes."""

import os
import sys
from importlib.util import find_spec, spec_from_file_location

#: What `sitecustomize` has found at the start: the names of the descriptors that were open, and the
#: terminal that the screen has.
inherited, terminal = (), None


def find(name):
    """How a module is loaded, and changed directly afterwards."""
    if name == "uvloop" and "LOOPSCOPE_KEEP_UVLOOP" not in os.environ:
        # asyncio's own loop takes the place of that of uvloop, whose ticks cannot be recorded.
        stub = os.path.join(os.path.dirname(__file__), "uvloop_stub.py")
        return find_spec(name) and spec_from_file_location(name, stub)
    spec = find_spec(name)
    if spec is not None:
        execute = spec.loader.exec_module

        def exec_module(module):
            execute(module)
            loaded(name, module)

        spec.loader.exec_module = exec_module
    return spec


def loaded(name, module):
    """The program has just imported a module."""
    try:
        if name == "asyncio":
            from . import start

            start(inherited, terminal)
        elif name == "uvloop":
            from . import foreign

            foreign.start(module)
        else:
            from . import terminal as beside

            beside.start(module)
    except Exception as error:  # The program continues, unobserved.
        print("loopscope: the adapter did not start:", error, file=sys.stderr)
