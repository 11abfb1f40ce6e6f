# packages: anyio aiofiles
import anyio, aiofiles

async def worker(number):
    await anyio.sleep(0.02 * number)
    print("worker", number)

async def main():
    async with anyio.create_task_group() as group:
        for number in range(3):
            group.start_soon(worker, number)
    with anyio.move_on_after(0.02):
        await anyio.sleep(5)
    print(await anyio.to_thread.run_sync(lambda: 5))
    async with aiofiles.open(__file__) as file:
        print(len(await file.read()))

anyio.run(main)
