"""A worker that skips an item without `task_done`, after child processes have come and gone."""
# clock: real
import asyncio
import sys


async def convert(name):
    child = await asyncio.create_subprocess_exec(
        sys.executable, "-c", f"print({name!r})", stdout=asyncio.subprocess.PIPE
    )
    out, _ = await child.communicate()
    return out.decode().strip()


async def work(names):
    while True:
        name = await names.get()
        if name.startswith("."):
            continue
        print(await convert(name))
        names.task_done()


async def main():
    names = asyncio.Queue()
    for name in ("a.png", ".hidden", "b.png"):
        names.put_nowait(name)
    workers = [asyncio.create_task(work(names)) for _ in range(2)]
    await names.join()  # WRONG: deadlock
    for worker in workers:
        worker.cancel()


asyncio.run(main())
