"""A transaction is a scope: BEGIN on the way in, COMMIT or ROLLBACK on every way out.

The connection is taken before BEGIN and returned on every way out; `async with` sees to that, also
when the task is cancelled in the middle.
"""

import asyncio
from contextlib import asynccontextmanager

from twin import run

TABLES = ["mytable", "a", "b"]


async def execute(statement):
    await asyncio.sleep(0.1)
    print(statement)


async def insert(table):
    await execute(f"INSERT INTO {table} VALUES (1, 2, 3)")
    if table not in TABLES:
        raise LookupError(f"no such table: {table}")


@asynccontextmanager
async def transaction(connections):
    async with connections:
        await execute("BEGIN")
        try:
            yield
        except Exception:
            await execute("ROLLBACK")
            raise
        await execute("COMMIT")


async def insert_into(table, connections):
    try:
        async with transaction(connections):
            await insert(table)
    except LookupError as error:
        print(f"LookupError: {error}")


async def commit():
    await insert_into("mytable", asyncio.Semaphore(2))


async def rollback():
    await insert_into("nowhere", asyncio.Semaphore(2))


async def concurrent():
    connections = asyncio.Semaphore(2)
    await asyncio.gather(*(insert_into(table, connections) for table in ["a", "b"]))


VARIANTS = [commit, rollback, concurrent]
PARAMS = {}

if __name__ == "__main__":
    run(VARIANTS, PARAMS)
