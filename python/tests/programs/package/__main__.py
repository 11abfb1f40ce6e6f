# module: package
# argv: -v x
"""Runs as `python -m package -v x`: relative imports, and the details of `__main__`."""
import asyncio
import sys

from . import helper
from .inner.deep import depth

print(__name__, __package__, __spec__.name, sys.argv[1:], sys.argv[0].endswith("__main__.py"))
print(asyncio.run(helper.work()), depth())
