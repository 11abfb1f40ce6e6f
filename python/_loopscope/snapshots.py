"""Snapshots of the program, to which a person can return.

A snapshot is a copy of the process, made by `fork` between two ticks. It has a connection of its own
and is paused: it sleeps until it gets a command, and ends when its connection is closed. A copy
shares the open files, sockets and pipes of the original, and has none of its threads. So a snapshot
is taken only while there are none of these, except for what this module can replace in the copy: the
selector, the loop's own pipe, and files that are only read.
"""

import os
import select
import signal
import socket
import stat
import struct
import sys
import threading
from asyncio import events, tasks
from time import perf_counter_ns

from .settings import IS_VIRTUAL
from .commands import pause
from .wire import frame, path

#: A snapshot is taken when the program has run for this many times as long as the last one took.
RARITY = 20
#: The time after which a program that could not be copied is looked at again, in nanoseconds.
AGAIN = 100_000_000


class Snapshots:
    """Takes snapshots of the loop of one recording."""

    def __init__(self, inherited):
        #: The descriptors that were open before the program began.
        self.inherited = inherited
        self.number = 0
        self.next = 0
        #: Why no snapshot can be taken.
        self.obstacle = ""
        #: The process is being copied: what follows a fork elsewhere does not apply.
        self.is_forking = False
        #: This process is a copy, of which no further ones are taken.
        self.is_copy = False

    def take(self, ready):
        """Takes a snapshot between two ticks, if it is time. Returns in the copies, too."""
        began = perf_counter_ns()
        recorder = ready.recorder
        if self.is_copy or began < self.next and not recorder.control.is_paused:
            return
        self.next = began + AGAIN
        loop, is_taken, is_copy = events._get_running_loop(), False, False
        recorder.flush()
        try:
            files, found = _look(loop, recorder, self.inherited)
            if ready.outer is not None:
                found.append("a loop inside another one")
            if not found and not recorder.wire.lost and not recorder.wire.rest:
                for stream in filter(None, (sys.stdout, sys.stderr)):
                    stream.flush()
                is_taken, is_copy = True, self._copy(loop, files, recorder)
        except (OSError, ValueError, AttributeError) as error:
            found, is_taken = [f"an obstacle: {error}"], False
        while is_copy:
            recorder.control.obey(True, recorder.now())
            # Before this copy goes on, it leaves another one behind, for the next return.
            is_copy = self._copy(loop, files, recorder)
        if self.is_copy:
            return
        if ", ".join(found) != self.obstacle:
            self.obstacle = ", ".join(found)
            _announce(recorder.wire, -1, self.obstacle)
        if is_taken:
            _announce(recorder.wire, self.number, "")
            self.number += 1
            took = perf_counter_ns() - began
            self.next = began + took * RARITY
            if not IS_VIRTUAL:
                # The program has not run meanwhile.
                pause(recorder, took)

    def _copy(self, loop, files, recorder):
        self.is_forking = True
        try:
            return self._fork(loop, files, recorder)
        finally:
            self.is_forking = False

    def _fork(self, loop, files, recorder):
        """Copies the process. Returns whether this is the copy."""
        random = sys.modules.get("random")
        numbers = random and random.getstate()
        policy = getattr(events, "_event_loop_policy", None)
        local = getattr(policy, "_local", None)
        known = tasks.all_tasks(loop)
        child = os.fork()
        if child:
            os.waitpid(child, 0)
            return False
        # A process between the two, which ends at once: the program has no child to wait for.
        try:
            for file in files:
                _reopen(file)
            if os.fork():
                os._exit(0)
            _replace_streams()
            _replace_pipe(loop)
            _connect(recorder.wire, self.number)
            _replace_selector(loop._selector)
            events._set_running_loop(loop)
            # From 3.14 on, a fork empties the list of tasks, which are still linked to each other.
            for change in (tasks._unregister_task, tasks._register_task):
                for task in known:
                    change(task)
            if local is not None:
                policy._local = local
            if getattr(loop, "_signal_handlers", None):
                signal.set_wakeup_fd(loop._csock.fileno())
            if random:
                random.setstate(numbers)
        except BaseException:
            os._exit(1)
        control = recorder.control
        control.is_paused, self.is_copy = True, True
        control.until_tick, control.steps, control.choices = False, 0, {}
        return True


def _announce(wire, number, obstacle):
    """Says that a snapshot is taken here, or with a negative number why none can be taken."""
    wire.send([frame(b"S", struct.pack("<q", number) + obstacle.encode())])


def _connect(wire, number):
    """Connects a copy of this process, which is the snapshot with this number."""
    fresh = socket.socket(socket.AF_UNIX)
    fresh.connect(path)
    fresh.setblocking(False)
    os.dup2(fresh.fileno(), wire.socket.fileno(), inheritable=False)
    fresh.close()
    wire.pid, wire.is_snapshot = os.getpid(), True
    wire.greet(snapshot=number, parent=wire.original)


def _look(loop, recorder, inherited):
    """The descriptors of files that are read, and what a copy of the process could not have."""
    files, found = [], []
    if threading.current_thread() is not threading.main_thread():
        found.append("its loop runs in another thread")
    kernel_threads = os.listdir("/proc/self/task")
    others = len(kernel_threads) - 1 - recorder.watchdog.is_running
    if others:
        names = [thread.name for thread in threading.enumerate()[1:]]
        found.append(f"threads ({', '.join(names) or others})")
    with open(f"/proc/self/task/{os.getpid()}/children") as children:
        pids = children.read().split()
    if pids:
        found.append(f"child processes ({', '.join(pids)})")
    if callable(signal.getsignal(signal.SIGCHLD)):
        found.append("a handler of SIGCHLD")
    if not isinstance(loop._selector._selector, select.epoll):
        found.append("another selector than epoll")
        return files, found
    own = {
        connection.fileno() for connection in (recorder.wire.socket, loop._ssock, loop._csock)
    } | {loop._selector.fileno(), 0, 1, 2}
    for name in os.listdir("/proc/self/fd"):
        if name in inherited or int(name) in own:
            continue
        try:
            _look_at(int(name), files, found)
        except OSError:
            pass  # The folder that is being read.
    return files, found


def _look_at(descriptor, files, found):
    mode = os.fstat(descriptor).st_mode
    with open(f"/proc/self/fdinfo/{descriptor}") as info:
        flags = int(info.read().split("flags:")[1].split()[0], 8)
    target = os.readlink(f"/proc/self/fd/{descriptor}")
    if stat.S_ISREG(mode) and flags & os.O_ACCMODE == os.O_RDONLY:
        files.append(descriptor)
    elif not stat.S_ISCHR(mode) and not stat.S_ISDIR(mode):
        kind = "connection" if stat.S_ISSOCK(mode) else "open"
        found.append(f"{kind} {target}")


def _reopen(descriptor):
    """Opens a file again at the same position, which the two processes do not share."""
    position = os.lseek(descriptor, 0, os.SEEK_CUR)
    fresh = os.open(f"/proc/self/fd/{descriptor}", os.O_RDONLY)
    os.lseek(fresh, position, os.SEEK_SET)
    _move(fresh, descriptor)


def _move(fresh, descriptor):
    """Makes a descriptor stand for another open file."""
    os.dup2(fresh, descriptor, os.get_inheritable(descriptor))
    os.close(fresh)


def _replace_streams():
    """What a copy prints is recorded, and shown only on the screen. It reads nothing."""
    for descriptor in range(3):
        _move(os.open(os.devnull, os.O_RDWR), descriptor)


def _replace_pipe(loop):
    """Gives the loop a pipe of its own, with which threads and signals wake it."""
    for fresh, old in zip(socket.socketpair(), (loop._ssock, loop._csock)):
        fresh.setblocking(False)
        _move(fresh.detach(), old.fileno())


def _replace_selector(selector):
    """Gives a selector another epoll with the same registrations."""
    fresh = select.epoll()
    for key in selector.get_map().values():
        # 1 and 2 are the selector's flags for reading and writing.
        flags = key.events & 1 and select.EPOLLIN
        fresh.register(key.fd, flags | (key.events & 2 and select.EPOLLOUT))
    os.dup2(fresh.fileno(), selector.fileno(), inheritable=False)
    fresh.close()
