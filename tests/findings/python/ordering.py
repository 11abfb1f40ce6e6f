"""Answers that are taken as they come, and paired with the questions in their order."""

import asyncio
import sys


async def ask(question):
    await asyncio.sleep(0.05 / question)
    return question * 10


async def wrong():
    questions = [1, 2, 3, 4]
    tasks = [asyncio.create_task(ask(question)) for question in questions]
    answers = []
    for answer in asyncio.as_completed(tasks):
        answers.append(await answer)  # WRONG: ordering
    print(dict(zip(questions, answers)))


async def right():
    questions = [1, 2, 3, 4]
    answers = await asyncio.gather(*(ask(question) for question in questions))
    print(dict(zip(questions, answers)))


asyncio.run({"wrong": wrong, "right": right}[sys.argv[1]]())
