"""Records what the event loops of asyncio do, and sends it to loopscope.

`first` loads the rest with the first loop, `wire` sends, `recorder` numbers tasks, names and places,
`ready` is the ready queue that notices each step, `waits` finds what a task waits for, `hooks`
installs all of it, `control` pauses and steps, `snapshots` copies the program, `output` assigns
printed lines to tasks, `watchdog` finds the line of a step that lasts long. docs/wire.md describes
what is sent.
"""


def start(inherited=(), terminal=None):
    """Prepares the adapter. Called once, directly after `asyncio` was imported.

    `inherited` are the names of the descriptors that were open before the program began, `terminal`
    is the one that the screen has.
    """
    from . import settings

    if settings.SOCKET is not None:
        from . import first

        first.prepare(inherited, terminal)
