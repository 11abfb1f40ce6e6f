"""Loads the adapter when the program makes its first loop: many programs that import asyncio make none.

What is needed before are the places at which locks, queues and events are created.
"""

import atexit
import sys
from _thread import allocate_lock
from asyncio import base_events

from . import objects, settings

_Loop = base_events.BaseEventLoop
_init = _Loop.__init__
_lock = allocate_lock()
_installers = []


def prepare(inherited, terminal):
    """Installs what is needed before the first loop."""
    objects.exist = False
    objects.install()
    # Before any function of the program, which then may run a loop at its end.
    atexit.register(_end)

    def installer():
        from . import control, hooks, output

        control.inherited = inherited
        if terminal:
            from . import terminal as beside

            beside.real, output.terminal = terminal, beside
        hooks.install()

    _installers.append(installer)
    if settings.IS_VIRTUAL:
        # The program may import `sleep` from `time` before its first loop.
        install()
    else:
        _Loop.__init__ = _install_first


def _install_first(self, *args, **kwargs):
    install()
    _init(self, *args, **kwargs)


def install():
    """Installs the rest, once."""
    with _lock:
        while _installers:
            try:
                _installers.pop()()
            except ImportError:
                pass  # loopscope has gone with its files.
            except Exception as error:  # The program continues, unobserved.
                print("loopscope: the adapter did not start:", error, file=sys.stderr)
        # Not before: the loops of other threads wait for the adapter here.
        if _Loop.__init__ is _install_first:
            _Loop.__init__ = _init


def _end():
    hooks = sys.modules.get(__package__ + ".hooks")
    if hooks is not None:
        hooks.end()
