"""Finds the program `loopscope`, which the wheel puts beside the interpreter."""

import os
import shutil
import sys


def find():
    """The path of the program; `None` if it is not installed."""
    beside = os.path.join(os.path.dirname(sys.executable), "loopscope")
    return beside if os.path.exists(beside) else shutil.which("loopscope")
