"""Runs inside a program to which loopscope attaches.

loopscope puts two lines before this text, which set `FOLDER` and `SOCKET`, and hands the file to
`sys.remote_exec`.
"""


def _attach(folder, path):
    import sys

    if _is_inside(sys._getframe(1)):
        # An earlier adapter is at work on the queue that would be replaced: a callback would run twice.
        # The next callback of the loop is outside of it. The loop may be waiting.
        from asyncio import get_running_loop

        get_running_loop().call_soon_threadsafe(_attach, folder, path)
        return
    earlier = sys.modules.get("_loopscope.attach")
    if earlier is not None:
        earlier.detach(at_once=True)
    for name in [name for name in sys.modules if name.partition(".")[0] == "_loopscope"]:
        del sys.modules[name]
    sys.path.insert(0, folder)
    try:
        from _loopscope.attach import attach

        attach(path)
    except Exception as error:  # The program continues, unobserved.
        print("loopscope: the adapter did not start:", error, file=sys.stderr)
    finally:
        sys.path.remove(folder)


def _is_inside(frame):
    """Whether a frame, or one that has called it, belongs to an adapter that records steps."""
    while frame is not None:
        if frame.f_globals.get("__name__") == "_loopscope.ready":
            return True
        frame = frame.f_back
    return False


_attach(FOLDER, SOCKET)  # noqa: F821
