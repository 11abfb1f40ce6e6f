"""Three real files, read by threads: a file cannot report that it is ready, so reading one blocks.

The files are made for the run and hold a number each. With `--set dir=...` they are read from your
own directory, as first.txt, second.txt and third.txt.
"""

import asyncio
import contextlib
import tempfile
from pathlib import Path

from twin import block, run, text

# The files, their contents, and the delay of each in seconds.
FILES = [("first.txt", "340", 0.3), ("second.txt", "225", 0.1), ("third.txt", "173", 0.2)]


@contextlib.contextmanager
def directory(given):
    """A directory with the files. One that was made for the run goes with it."""
    if given:
        yield Path(given)
        return
    with tempfile.TemporaryDirectory() as made:
        for name, number, _ in FILES:
            Path(made, name).write_text(number)
        yield Path(made)


def read_in_thread(path, delay):
    number = path.read_text()
    block(delay)
    return number.rstrip()


async def read(path, delay):
    return await asyncio.to_thread(read_in_thread, path, delay)


async def to_thread(dir):
    with directory(dir) as path:
        reads = [asyncio.create_task(read(path / name, delay)) for name, _, delay in FILES]
        for number in asyncio.as_completed(reads):
            print(await number)


async def sequential(dir):
    with directory(dir) as path:
        for name, _, delay in FILES:
            print(await read(path / name, delay))


VARIANTS = [to_thread, sequential]
PARAMS = {"dir": text("")}

if __name__ == "__main__":
    run(VARIANTS, PARAMS)
