"""Lets the program take another order. It is loaded for `--schedule`, or when the screen asks."""

import sys


def parse(text):
    """The choices of a schedule such as `12:2,15:1`: at poll 12 task 2, at poll 15 task 1."""
    pairs = (choice.split(":") for choice in text.split(",") if choice)
    return {int(poll): int(task) for poll, task in pairs}


def choose(control, ready):
    """Puts the chosen task first, if there is a choice for the step that begins."""
    control.begun += 1
    task = control.choices.pop(control.begun, None)
    if task is None:
        return
    for index in range(_due()):
        owner = ready.owners[index]
        if owner[0] is not None and owner[0]._loopscope >> 5 == task:
            handle = ready[index]
            del ready[index], ready.owners[index]
            ready.appendleft(handle)
            ready.owners.appendleft(owner)
            return
    words = f"loopscope: task #{task} is not ready for poll {control.begun}: the order is kept"
    print(words, file=sys.stderr)


def _due():
    """How many entries of the ready queue the tick has yet to take."""
    frame = sys._getframe(2)
    while frame is not None and frame.f_code.co_name != "_run_once":
        frame = frame.f_back
    if frame is None:
        return 0
    return frame.f_locals.get("ntodo", 0) - frame.f_locals.get("i", 0)
