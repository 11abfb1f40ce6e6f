"""Starts the program `loopscope`, which the wheel contains, for this interpreter.

    python -m loopscope [OPTIONS] SCRIPT [ARGS…]
    LOOPSCOPE=record:FILE python -m loopscope SCRIPT [ARGS…]
"""

import os
import sys

from .program import find


def command(arguments, environment):
    """The arguments of `loopscope` for those of this module; an error if `LOOPSCOPE` is wrong."""
    options = ["python", "--python", sys.executable]
    wish = environment.get("LOOPSCOPE", "")
    kind, _, path = wish.partition(":")
    if kind == "record" and path:
        options += ["--record", path]
    elif wish not in ("", "tui"):
        raise ValueError(f"LOOPSCOPE is {wish!r}: it can be tui or record:FILE")
    return options + arguments


def main():
    program = find()
    if program is None:
        sys.exit("loopscope: the program loopscope is not installed beside this interpreter")
    try:
        arguments = command(sys.argv[1:], os.environ)
    except ValueError as error:
        print("loopscope:", error, file=sys.stderr)
        sys.exit(2)
    os.environ.pop("LOOPSCOPE", None)
    os.execv(program, [program, *arguments])


if __name__ == "__main__":
    main()
