# packages: debugpy
import asyncio
import os
import sys

os.environ["PYDEVD_DISABLE_FILE_VALIDATION"] = "1"

import debugpy  # noqa: E402

debugpy.listen(("127.0.0.1", 0))


async def work(number):
    await asyncio.sleep(0.001 * number)
    return number


async def main():
    print(await asyncio.gather(*[work(number) for number in range(5)]))
    print(debugpy.is_client_connected(), "pydevd" in sys.modules)


asyncio.run(main())
