"""Processes of `multiprocessing` that run loops of their own, started in both ways."""
import asyncio
import multiprocessing


async def double(number):
    await asyncio.sleep(0.001)
    return number * 2


def work(number, answers):
    answers.put(asyncio.run(double(number)))


async def main():
    for method in ("fork", "spawn"):
        context = multiprocessing.get_context(method)
        answers = context.Queue()
        process = context.Process(target=work, args=(21, answers))
        process.start()
        loop = asyncio.get_running_loop()
        print(method, await loop.run_in_executor(None, answers.get))
        process.join()
        print(process.exitcode)


if __name__ == "__main__":
    asyncio.run(main())
