"""How large the adapter is. `python3 python/tests/test_size.py` prints the lines of each file.

A line of code is neither blank, nor a comment, nor part of a docstring.
"""

import ast
import os
import unittest

from environment import ADAPTER

#: These files are loaded when they are first used: for one option or command, one kind of loop, wait
#: or failure, or `attach`.
ON_DEMAND = (
    "attach", "commands", "failures", "foreign", "functions", "hazards", "inner", "jobs", "late", "names",
    "operations", "order", "races", "snapshots", "stalled", "streams", "terminal",
    "threads", "uvloop_stub", "virtual",
)  # fmt: skip
#: The most lines of what each program loads, and of all.
MOST_LOADED, MOST = 1199, 2580


def lines_of_code(path):
    with open(path, encoding="utf-8") as file:
        text = file.read()
    left_out = set()
    for node in ast.walk(ast.parse(text)):
        if isinstance(node, (ast.Module, ast.ClassDef, ast.FunctionDef)) and ast.get_docstring(node):
            left_out.update(range(node.body[0].lineno, node.body[0].end_lineno + 1))
    lines = enumerate(map(str.strip, text.splitlines()), 1)
    return sum(line[:1] not in ("", "#") and number not in left_out for number, line in lines)


def sizes():
    """The lines of each file of the adapter, and whether each program loads it."""
    files = [name for name in os.listdir(os.path.join(ADAPTER, "_loopscope")) if name.endswith(".py")]
    for name in ["attach.py", *("_loopscope/" + name for name in sorted(files))]:
        is_loaded = os.path.basename(name)[:-3] not in ON_DEMAND
        yield name, lines_of_code(os.path.join(ADAPTER, name)), is_loaded


class Size(unittest.TestCase):
    def test_the_adapter_does_not_grow(self):
        self.assertLessEqual(sum(lines for _, lines, is_loaded in sizes() if is_loaded), MOST_LOADED)
        self.assertLessEqual(sum(lines for _, lines, _ in sizes()), MOST)


if __name__ == "__main__":
    for name, lines, is_loaded in sizes():
        print(f"{lines:5} {name}{'' if is_loaded else ' (on demand)'}")
    print(f"{sum(lines for _, lines, _ in sizes()):5} in all,", end=" ")
    print(sum(lines for _, lines, is_loaded in sizes() if is_loaded), "of them in each program")
