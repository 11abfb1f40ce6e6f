# options: -W error::UserWarning -X dev
"""Warnings as errors, and the development mode."""
import asyncio
import sys
import warnings


async def main():
    await asyncio.sleep(0)
    try:
        warnings.warn("now an error")
    except UserWarning as error:
        print(repr(error))
    print(sys.flags.dev_mode, asyncio.get_running_loop().get_debug(), sys.warnoptions)
    print(warnings.filters[0][:3])


asyncio.run(main())
