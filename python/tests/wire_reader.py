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
import time

NAMES = (
    "step wake next yield scheduled wait join done tick park woke run spawn timer fired cancelled "
    "resource operation member asleep output from start stop cancel eager freed thrown late first name "
    "retrieved"
).split()
#: How many operands follow the first number of each event.
FOLLOWING = (1, 0, 1, 0, 1, 1, 0, 2, 1, 1, 1, 0, 3, 2, 0, 0, 4, 3, 1, 3, 2, 0, 1, 1, 0, 0, 0, 0, 1, 1, 1, 0)
ADAPTER = os.path.dirname(os.path.dirname(os.path.abspath(__file__)))


class Run:
    """One connection: the greeting, and the events as tuples with their names."""

    def __init__(self):
        self.hello = None
        self.texts = []
        self.places = []
        self.events = []
        self.paused = False
        self.lost = 0
        self.closed = False
        #: The snapshots: the number, and how many events and texts came before; or -1 and why none
        #: can be taken.
        self.snapshots = []

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
            elif kind == ord("P"):
                self.paused = payload[0] == 1
            elif kind == ord("S"):
                number = array.array("q", payload[:8])[0]
                before = len(self.events), len(self.texts)
                detail = before if number >= 0 else payload[8:].decode()
                self.snapshots.append((number, detail))
            elif kind == ord("G"):
                self.lost += array.array("q", payload)[0]
            elif kind == ord("E"):
                self._events(array.array("q", payload))

    def _events(self, numbers):
        numbers = iter(numbers)
        for first in numbers:
            code = first & 31
            rest = [next(numbers) for _ in range(FOLLOWING[code])]
            if NAMES[code] == "next":
                self.events += [("again", 0), ("step", first >> 5, *rest)]
            elif NAMES[code] == "first":
                self.events += [("run", first >> 5), ("step", rest[0] >> 5)]
            else:
                self.events.append((NAMES[code], first >> 5, *rest))

    def chain(self, place):
        """The lines of the script in an await chain, the innermost first."""
        lines = []
        while place >= 0:
            file, line, _, place = self.places[place]
            if file == "script.py":
                lines.append(line)
        return lines

    def of(self, name):
        return [event for event in self.events if event[0] == name]

    def tasks(self):
        """The names of the tasks, by number."""
        named = self.of("spawn") + self.of("name")
        return {event[1]: self.texts[event[2]] for event in named}


class Session:
    """A program that runs under the adapter, with its runs. Use it in a `with` statement."""

    def __init__(self, code, *, environment=None, python=sys.executable, read=None):
        self.folder = tempfile.TemporaryDirectory()
        self.runs, self.connections, self.threads = [], [], []
        self.read = read or (lambda run, stream: run.read(stream))
        path = os.path.join(self.folder.name, "s")
        self.listener = socket.socket(socket.AF_UNIX)
        self.listener.bind(path)
        self.listener.listen()
        self.last = os.path.join(self.folder.name, "last")
        self.all_accepted = threading.Event()
        threading.Thread(target=self._accept, daemon=True).start()
        with open(os.path.join(self.folder.name, "script.py"), "w") as file:
            file.write(code)
        variables = dict(os.environ, PYTHONPATH=ADAPTER, LOOPSCOPE_SOCKET=path)
        variables.update(environment or {})
        self.process = subprocess.Popen(
            [python, "script.py"],
            cwd=self.folder.name,
            env=variables,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
        )

    def _accept(self):
        while True:
            try:
                connection, address = self.listener.accept()
            except OSError:
                return
            if address == self.last:
                connection.close()
                self.all_accepted.set()
                continue
            run = Run()
            self.connections.append(connection)
            thread = threading.Thread(target=self._read, args=(run, connection))
            thread.start()
            self.threads.append(thread)
            self.runs.append(run)

    def _read(self, run, connection):
        with connection, connection.makefile("rb") as stream:
            self.read(run, stream)
        run.closed = True

    def command(self, commands):
        self.connections[0].sendall(commands)

    def wait_for(self, condition, seconds=30):
        """Waits until a condition on the session holds."""
        until = time.monotonic() + seconds
        while not condition():
            if time.monotonic() > until:
                raise AssertionError("this does not come")
            time.sleep(0.005)

    def end(self, connections=None):
        """Waits for the end of the program, and of its first connections or of all. Returns what the
        program has printed."""
        out, err = self.process.communicate(timeout=180)
        # Connections are accepted in their order, so those of the program come before this one.
        with socket.socket(socket.AF_UNIX) as last:
            last.bind(self.last)
            last.connect(self.listener.getsockname())
            assert self.all_accepted.wait(60), "the connections are not accepted"
        for thread in self.threads[:connections]:
            thread.join()
        return out, err

    def __enter__(self):
        return self

    def __exit__(self, *_):
        if self.process.poll() is None:
            self.process.kill()
        self.process.communicate()
        self.listener.shutdown(socket.SHUT_RDWR)
        self.listener.close()
        for connection in self.connections:
            try:
                connection.shutdown(socket.SHUT_RDWR)
            except OSError:
                pass  # The other end has closed it.
        for thread in list(self.threads):
            thread.join()
        self.folder.cleanup()


def record(code, *, environment=None, python=sys.executable):
    """Runs Python code under the adapter. Returns the finished process, and its runs."""
    with Session(code, environment=environment, python=python) as session:
        out, err = session.end()
        process = subprocess.CompletedProcess([], session.process.returncode, out, err)
        return process, session.runs
