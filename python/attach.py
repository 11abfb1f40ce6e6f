"""Runs inside a program to which loopscope attaches.

loopscope puts two lines before this text, which set `FOLDER` and `SOCKET`, and hands the file to
`sys.remote_exec`.
"""


def _attach(folder, path):
    import sys

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


_attach(FOLDER, SOCKET)  # noqa: F821
