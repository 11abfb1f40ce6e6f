"""Runs a program under the adapter, and reads what the adapter sends."""

import array
import json
import os
import socket
import struct
import subprocess
import sys
import tempfile
import threading

NAMES = (
    "step wake again yield scheduled wait join done tick park woke run spawn timer fired cancelled "
    "resource operation member asleep output from start stop cancel eager"
).split()
#: How many operands follow the first number of each event.
FOLLOWING = (1, 0, 0, 0, 1, 1, 0, 2, 1, 1, 1, 0, 3, 2, 0, 0, 4, 3, 1, 3, 1, 0, 1, 1, 0, 0)
ADAPTER = os.path.dirname(os.path.dirname(os.path.abspath(__file__)))


class Run:
    """One connection: the greeting, and the events as tuples with their names."""

    def __init__(self):
        self.hello = None
        self.texts = []
        self.places = []
        self.events = []

    def read(self, stream):
        while len(header := stream.read(5)) == 5:
            length, kind = struct.unpack("<IB", header)
            payload = stream.read(length)
            if kind == ord("H"):
                self.hello = json.loads(payload)
            elif kind == ord("T"):
                self.texts.append(payload.decode())
            elif kind == ord("L"):
                numbers = array.array("q", payload)
                for index in range(0, len(numbers), 4):
                    file, line, function, outer = numbers[index : index + 4]
                    self.places.append((self.texts[file], line, self.texts[function], outer))
            elif kind == ord("E"):
                self._events(array.array("q", payload))

    def _events(self, numbers):
        numbers = iter(numbers)
        for first in numbers:
            code = first & 31
            rest = [next(numbers) for _ in range(FOLLOWING[code])]
            self.events.append((NAMES[code], first >> 5, *rest))

    def of(self, name):
        return [event for event in self.events if event[0] == name]

    def tasks(self):
        """The names of the tasks, by number."""
        return {event[1]: self.texts[event[2]] for event in self.of("spawn")}


def record(code, *, environment=None, python=sys.executable):
    """Runs Python code under the adapter. Returns the finished process, and its runs."""
    with tempfile.TemporaryDirectory() as folder:
        path = os.path.join(folder, "s")
        listener = socket.socket(socket.AF_UNIX)
        listener.bind(path)
        listener.listen()
        runs, threads = [], []

        def read(run, connection):
            with connection, connection.makefile("rb") as stream:
                run.read(stream)

        def accept():
            while True:
                try:
                    connection, _ = listener.accept()
                except OSError:
                    return
                run = Run()
                runs.append(run)
                thread = threading.Thread(target=read, args=(run, connection))
                threads.append(thread)
                thread.start()

        threading.Thread(target=accept, daemon=True).start()
        script = os.path.join(folder, "script.py")
        with open(script, "w") as file:
            file.write(code)
        variables = dict(os.environ, PYTHONPATH=ADAPTER, LOOPSCOPE_SOCKET=path)
        variables.update(environment or {})
        process = subprocess.run(
            [python, "script.py"],
            cwd=folder,
            env=variables,
            capture_output=True,
            text=True,
            timeout=60,
        )
        listener.shutdown(socket.SHUT_RDWR)
        listener.close()
        for thread in threads:
            thread.join()
        return process, runs
