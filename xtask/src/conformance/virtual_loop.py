"""A virtual clock for asyncio, and the twins run on it.

    python3 xtask/src/conformance/virtual_loop.py scenarios < requests > answers

A request is a line of JSON, {"scenario": "say_after", "variant": "concurrent", "set": {"first": "0.5"}}; its answer
is the next line of the output, {"outcome": "finished", "elapsed": 2.0, "output": [[0.0, "started at …"], …]}. An
empty "variant" asks for what there is: {"variants": […], "params": {name: [kind, default, least, most]}}. With
"clock": "real" the twin runs on asyncio's own loop, and waits.

The loop is asyncio's own, with a selector that never waits: where the real one would sleep until the next deadline,
this one moves the clock there. Nothing but public methods is replaced.
"""

import asyncio
import contextlib
import importlib
import io
import itertools
import json
import selectors
import sys
import time
import warnings


class Deadlock(BaseException):
    """Nothing is ready and no timer is set: the loop would wait for ever."""


class Deadline(float):
    """A moment that a timer is due. Of two equal ones the one that was set first is the earlier one.

    asyncio keeps its timers in a heap, and a heap does not keep what is equal in order.
    """

    ages = itertools.count()

    def __new__(cls, moment):
        deadline = super().__new__(cls, moment)
        deadline.age = next(cls.ages)
        return deadline

    def __lt__(self, other):
        if isinstance(other, Deadline) and float(self) == float(other):
            return self.age < other.age
        return float(self) < float(other)


class JumpingSelector(selectors.DefaultSelector):
    """A selector that jumps to the end of its timeout instead of waiting for it."""

    now = 0.0

    def select(self, timeout=None):
        events = super().select(0)
        if not events:
            if timeout is None:
                raise Deadlock
            self.move(timeout)
        return events

    def move(self, seconds):
        # Whole nanoseconds: so 0.1 + 0.2 is the same moment as 0.3.
        self.now = round(self.now + max(seconds, 0), 9)


class VirtualLoop(asyncio.SelectorEventLoop):
    """asyncio's loop on a clock that starts at 0 and advances only while nothing runs."""

    def __init__(self):
        self.clock = JumpingSelector()
        super().__init__(self.clock)

    def time(self):
        return self.clock.now

    def call_at(self, when, callback, *args, context=None):
        return super().call_at(Deadline(round(when, 9)), callback, *args, context=context)


class Lines(io.TextIOBase):
    """What is printed, each line with the time of its end."""

    def __init__(self, loop):
        super().__init__()
        self.loop, self.began, self.lines, self.rest = loop, loop.time(), [], ""

    def time(self):
        return self.loop.time() - self.began

    def write(self, text):
        *whole, self.rest = (self.rest + text).split("\n")
        self.lines += ([round(self.time(), 6), line] for line in whole)
        return len(text)


def outcome_of(loop, main):
    """Runs a coroutine to its end and says how it ended. As `asyncio.run` does, then cancels what is left."""
    task = loop.create_task(main)
    try:
        loop.run_until_complete(task)
        return "finished", None
    except Deadlock:
        return "deadlock", None
    except Exception as error:
        return "panicked", f"{type(error).__name__}: {error}"


def clean_up(loop):
    with contextlib.suppress(Deadlock):
        left = asyncio.all_tasks(loop)
        for task in left:
            task.cancel()
        loop.run_until_complete(asyncio.gather(*left, return_exceptions=True))
        loop.run_until_complete(loop.shutdown_asyncgens())
    loop.close()


def answer(twin, scenario, variant, sets, real=False):
    """Runs a variant of a scenario on a clock of its own."""
    loop = asyncio.new_event_loop() if real else VirtualLoop()
    asyncio.set_event_loop(loop)
    loop.set_exception_handler(lambda *_: None)
    twin.hold = time.sleep if real else loop.clock.move
    printed = Lines(loop)
    with contextlib.redirect_stdout(printed):
        values = twin.settle(scenario.PARAMS, sets)
        outcome, error = outcome_of(loop, twin.begin(twin.names(scenario.VARIANTS)[variant], values))
        elapsed = printed.time()
    with contextlib.redirect_stdout(printed if outcome == "finished" else io.StringIO()):
        clean_up(loop)
    return {"outcome": outcome, "error": error, "elapsed": elapsed, "output": printed.lines}


def interface(param):
    """A parameter as numbers that look the same in every notation: 1 is 1.0."""
    plain = [param.default] if param.kind == "text" else [float(param.default)]
    return [param.kind, *plain, float(param.least), float(param.most)]


def main():
    sys.path.insert(0, sys.argv[1])
    sys.dont_write_bytecode = True
    warnings.simplefilter("ignore")  # a coroutine that is never awaited is what some lessons are about
    twin = importlib.import_module("twin")
    for line in sys.stdin.readlines():  # all, so that who asks need not write and read by turns
        request = json.loads(line)
        scenario = importlib.import_module(request["scenario"])
        if request["variant"]:
            reply = answer(twin, scenario, request["variant"], request["set"], request.get("clock") == "real")
        else:
            names = list(twin.names(scenario.VARIANTS))
            reply = {"variants": names, "params": {name: interface(param) for name, param in scenario.PARAMS.items()}}
        print(json.dumps(reply, ensure_ascii=False), flush=True)


if __name__ == "__main__":
    main()
