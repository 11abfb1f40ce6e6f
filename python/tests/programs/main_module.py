# argv: one --two "three four" -5
"""`__main__`, the arguments, the path, and a pickle of a class of the script."""
import asyncio
import pickle
import sys


class Point:
    def __reduce__(self):
        return Point, ()


async def main():
    await asyncio.sleep(0)
    print(__name__, __file__.rpartition("/")[2], __package__, __spec__, sys.argv[1:])
    print(sys.modules["__main__"].Point is Point, pickle.loads(pickle.dumps(Point())).__module__)
    print(sys.path[0] == __file__.rpartition("/")[0], [e for e in sys.path if "loopscope-" in e])
    print(sorted(name for name in vars() if not name.startswith("__")), sys.flags.isolated)
    print([name for name in sorted(globals()) if not name.startswith("__")])


asyncio.run(main())
