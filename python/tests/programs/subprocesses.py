"""Child processes: their output, input, exit codes and signals."""
import asyncio
import sys
from asyncio.subprocess import PIPE


async def python(code, data=None):
    child = await asyncio.create_subprocess_exec(
        sys.executable, "-c", code, stdin=PIPE, stdout=PIPE, stderr=PIPE
    )
    out, err = await child.communicate(data)
    return child.returncode, out, err[-60:]


async def main():
    print(await python("print(input()[::-1])", b"hello\n"))
    print(await python("import sys; sys.exit(5)"))
    print(await python("import asyncio; asyncio.run(asyncio.sleep(0)); print('a loop')"))
    shell = await asyncio.create_subprocess_shell("exit 3")
    print(await shell.wait())
    sleeper = await asyncio.create_subprocess_exec("sleep", "60")
    sleeper.terminate()
    print(await sleeper.wait())


asyncio.run(main())
