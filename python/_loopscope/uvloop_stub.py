"""What a program gets that imports `uvloop`: asyncio's own loop, under uvloop's names.

The loop of uvloop is compiled: it has no ready queue that can be seen from Python, and no ticks.
"""

import asyncio
import sys

__version__ = "0.0.0+loopscope"

Loop = asyncio.SelectorEventLoop
EventLoopPolicy = asyncio.DefaultEventLoopPolicy if sys.version_info < (3, 14) else None


def new_event_loop():
    return asyncio.new_event_loop()


def install():
    """asyncio's own loop needs no installation."""


def run(main, *, loop_factory=None, debug=None):
    return asyncio.run(main, debug=debug)


print(
    "loopscope: asyncio's own event loop takes the place of uvloop, which cannot be seen into",
    "(--keep-uvloop keeps it, without its ticks)",
    file=sys.stderr,
)
