"""Looks like `ordering`: results that come in another order, and that `gather` puts in order."""

import asyncio


async def ask(number):
    await asyncio.sleep(0.05 - 0.01 * number)
    return number * 10


async def main():
    questions = [0, 1, 2, 3, 4]
    answers = await asyncio.gather(*(ask(number) for number in questions))
    print(dict(zip(questions, answers)))

    async def named(number):
        return number, await ask(number)

    found = {}
    for next_one in asyncio.as_completed([named(number) for number in questions]):
        number, answer = await next_one
        found[number] = answer
    print(found)


asyncio.run(main())
