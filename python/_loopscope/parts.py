"""The parts of the adapter that few programs need. Each is loaded when it is first used."""

from importlib import import_module


class _Part:
    """A module that is loaded with the first look at one of its names."""

    def __init__(self, name):
        self._name = name

    def __getattr__(self, name):
        value = getattr(import_module(f"{__package__}.{self._name}"), name)
        setattr(self, name, value)
        return value


commands, failures, functions, inner = map(_Part, ("commands", "failures", "functions", "inner"))
jobs, late, names, operations = map(_Part, ("jobs", "late", "names", "operations"))
order, races, snapshots = map(_Part, ("order", "races", "snapshots"))
stalled, streams, threads, virtual = map(_Part, ("stalled", "streams", "threads", "virtual"))
