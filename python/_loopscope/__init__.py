"""Records what the event loops of asyncio do, and sends it to loopscope.

`wire` sends, `recorder` numbers tasks, names and places, `ready` is the ready queue that notices
each step, `waits` finds what a task waits for, `hooks` installs all of it, `control` pauses and
steps, `output` assigns printed lines to tasks. docs/python-wire.md describes what is sent.
"""


def start():
    """Installs the adapter. Called once, directly after `asyncio` was imported."""
    import os

    if "LOOPSCOPE_SOCKET" in os.environ:
        from . import hooks

        hooks.install()
