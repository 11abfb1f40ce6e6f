"""Two requests refresh the token of a module-level session at once; one refresh is lost."""

import asyncio

session = {"token": None, "generation": 0}


async def request_token(generation):
    await asyncio.sleep(0.02)
    return f"token-{generation}"


async def refresh():
    generation = session["generation"] + 1
    session["token"] = await request_token(generation)
    session["generation"] = generation  # WRONG: race


async def call(path):
    await refresh()
    await asyncio.sleep(0.01)
    return path, session["token"]


async def main():
    print(await asyncio.gather(*(call(f"/{n}") for n in range(4))), session)


asyncio.run(main())
