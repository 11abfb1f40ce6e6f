"""What is sent to a reader that does not read. It is loaded when the first one has stalled."""

import select
import socket


def reads_on(wire):
    """Waits until the reader reads on. One that has stalled once is not waited for again until it does."""
    patience, wire.patience = wire.patience, 0
    return wait_for(wire.socket, select.POLLOUT, patience)


def wait_for(connection, event, patience):
    """Waits until a connection can be read or written, at most for some milliseconds."""
    poll = select.poll()
    poll.register(connection, event)
    return bool(poll.poll(patience))


def end(connection, data):
    """Sends the end of a recording. The buffer is full, and is made larger for this."""
    connection.setsockopt(socket.SOL_SOCKET, socket.SO_SNDBUF, 1 << 20)
    try:
        connection.send(data)
    except OSError:
        pass
