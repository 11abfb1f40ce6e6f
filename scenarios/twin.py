"""What the Python twins share: the command line, the clock, and a small simulated world.

A twin is a scenario, written for asyncio: the same variants and parameters, and the same lines at
the same times.

    python3 scenarios/say_after.py concurrent --set first=0.5
"""

import argparse
import asyncio
import inspect
import sys
import time
from typing import Any, Callable, NamedTuple

# How the thread is blocked. A virtual clock replaces this by a function that advances it.
hold = time.sleep

# The loop's time when the twin started.
_began = 0.0


class Param(NamedTuple):
    """A parameter: its kind and default, and the range of what it takes."""

    kind: str
    default: Any
    least: float = 0
    most: float = 0

    def read(self, name, word):
        """The value that a word from the command line stands for."""
        if self.kind == "text":
            return word
        try:
            value = float(word) if self.kind == "seconds" else int(word)
        except ValueError:
            value = None
        if value is None or not self.least <= value <= self.most:
            unit = " seconds" if self.kind == "seconds" else ""
            raise ValueError(f"{name} takes {self.least} to {self.most}{unit}, not {word!r}")
        return value


def seconds(default, most=3600):
    """A parameter in seconds, from 0 to `most`."""
    return Param("seconds", default, 0, most)


def count(default, least, most):
    """A whole number as a parameter."""
    return Param("count", default, least, most)


def text(default):
    """Any text as a parameter."""
    return Param("text", default)


def block(seconds):
    """Blocks the thread: no other task runs meanwhile."""
    hold(seconds)


def now():
    """Seconds since the twin began, by the loop's clock."""
    return asyncio.get_running_loop().time() - _began


def clock_text():
    """The time as HH:MM:SS, from 00:00:00."""
    whole = int(now() + 1e-6)
    return f"{whole // 3600:02}:{whole // 60 % 60:02}:{whole % 60:02}"


def address(listen):
    """A host and a port, from `HOST:PORT`."""
    host, _, port = listen.rpartition(":")
    return host.strip("[]"), int(port)


def fnv1a(text):
    """The 32-bit FNV-1a hash of a text in UTF-8."""
    number = 0x811C9DC5
    for byte in text.encode():
        number = (number ^ byte) * 0x01000193 % 2**32
    return number


def latency(name):
    """How many seconds a name takes to be looked up or fetched: always the same ones."""
    return (100 + fnv1a(name) % 900) / 1000


def lcg(seed):
    """Random numbers from a seed: the generator that C libraries used to have."""
    state = seed
    while True:
        state = (1103515245 * state + 12345) % 2**31
        yield state >> 16


async def begin(variant: Callable, values: dict):
    """Runs a variant with those of the values that it names. One that is no coroutine is simply called."""
    global _began
    _began = asyncio.get_running_loop().time()
    named = inspect.signature(variant).parameters
    result = variant(**{name: value for name, value in values.items() if name in named})
    if inspect.isawaitable(result):
        await result


def names(variants):
    """The variants by their names; one that would hide a built-in function has an underscore at its end."""
    return {variant.__name__.rstrip("_"): variant for variant in variants}


def settle(params, sets):
    """The values that are in force: the defaults, and what was set over them."""
    values = {"listen": None, **{name: param.default for name, param in params.items()}}
    for name, word in sets.items():
        if name not in params:
            raise ValueError(f"there is no parameter {name!r}; there is {', '.join(params) or 'none at all'}")
        values[name] = params[name].read(name, word)
    return values


def run(variants, params):
    """What a twin does as a program: reads the command line, then runs the variant that it names."""
    known = names(variants)
    parser = argparse.ArgumentParser()
    parser.add_argument("variant", nargs="?", default=next(iter(known)), choices=known)
    parser.add_argument("--set", metavar="KEY=VALUE", action="append", default=[])
    if any("listen" in inspect.signature(variant).parameters for variant in variants):
        parser.add_argument("--listen", metavar="HOST:PORT")
    given = parser.parse_args()
    try:
        sets = dict(pair.split("=", 1) if "=" in pair else (pair, "") for pair in given.set)
        values = settle(params, sets)
    except ValueError as error:
        parser.error(str(error))
    values["listen"] = getattr(given, "listen", None)
    try:
        asyncio.run(begin(known[given.variant], values))
    except KeyboardInterrupt:
        sys.exit(130)
