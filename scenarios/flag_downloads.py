"""Flags of the twenty most populous countries, from a simulated web.

A flag that does not exist, or a server that is down, is a result like any other: the other
downloads continue. Two requests per flag, one after the other, take a permit each; two at once
share one.
"""

import asyncio
from collections import Counter

from twin import count, latency, now, run

COUNTRIES = {
    "BD": "Bangladesh",
    "BR": "Brazil",
    "CD": "DR Congo",
    "CN": "China",
    "DE": "Germany",
    "EG": "Egypt",
    "ET": "Ethiopia",
    "FR": "France",
    "ID": "Indonesia",
    "IN": "India",
    "IR": "Iran",
    "JP": "Japan",
    "MX": "Mexico",
    "NG": "Nigeria",
    "PH": "Philippines",
    "PK": "Pakistan",
    "RU": "Russia",
    "TR": "Turkey",
    "US": "United States",
    "VN": "Vietnam",
}

# Eight that the server knows, and two that it does not.
MIXED = "BD BR CN ID IN NG PK QQ US ZZ".split()

# Eight that it knows, two whose server is down, and one that it does not know.
WITH_ERRORS = "BD BR CN ID IN NG PK US XA XB ZZ".split()


class NotFound(Exception):
    def __str__(self):
        return f"not found: {self.args[0]}"


class BadStatus(Exception):
    def __str__(self):
        return f"error: HTTP error {self.args[0]}"


async def get(code, file):
    """The simulated web: both the time it takes and the answer depend on the URL alone."""
    url = f"https://flags.example/flags/{code.lower()}/{file}"
    await asyncio.sleep(latency(url))
    if code.startswith("X"):
        raise BadStatus("503 - Service Unavailable")
    if code not in COUNTRIES:
        raise NotFound(url)
    return COUNTRIES[code]


async def get_flag(code):
    return await get(code, f"{code.lower()}.gif")


async def download_one(code):
    await get_flag(code)
    print(code)


async def sequential():
    for code in COUNTRIES:
        await download_one(code)
    print(f"20 downloads in {now():.2f}s")


async def gather():
    await asyncio.gather(*(download_one(code) for code in COUNTRIES))
    print(f"20 downloads in {now():.2f}s")


async def permitted(request, permits):
    async with permits:
        return await request


async def throttled_one(code, permits):
    await permitted(get_flag(code), permits)
    return "OK"


async def outcome(code, download):
    """The result of a download: how it is counted, and the line to print."""
    try:
        return "flags downloaded.", f"{code} {await download}"
    except NotFound as error:
        return "not found.", f"{code} {error}"
    except BadStatus as error:
        return "errors.", f"{code} {error}"


async def show(codes, limit, download, say=lambda done, total, text: text):
    """Downloads at most `limit` at a time. Prints each result when it comes, and a tally at the end."""
    permits = asyncio.Semaphore(limit)
    tasks = [asyncio.create_task(outcome(code, download(code, permits))) for code in codes]
    tally = Counter()
    for done, task in enumerate(asyncio.as_completed(tasks), 1):
        kind, text = await task
        tally[kind] += 1
        print(say(done, len(codes), text))
    print("-" * 20)
    for kind in ["flags downloaded.", "not found.", "errors."]:
        if tally[kind]:
            print(f"  {tally[kind]} {kind}")
    print(f"Elapsed time: {now():.2f}s")


async def throttled(limit):
    await show(MIXED, limit, throttled_one)


async def progress(limit):
    await show(MIXED, limit, throttled_one, lambda done, total, text: f"{done}/{total}")


async def get_name(code):
    return await get(code, "metadata.json")


def saved_as(country):
    return f"OK {country.replace(' ', '_')}.gif"


async def flag_then_name(code, permits):
    await permitted(get_flag(code), permits)
    country = await permitted(get_name(code), permits)
    return saved_as(country)


async def flag_and_name(code, permits):
    async with permits:
        _, country = await asyncio.gather(get_flag(code), get_name(code))
    return saved_as(country)


async def two_requests(limit):
    await show(MIXED, limit, flag_then_name)


async def two_requests_gather(limit):
    await show(MIXED, limit, flag_and_name)


async def errors(limit):
    await show(WITH_ERRORS, limit, throttled_one)


VARIANTS = [sequential, gather, throttled, progress, two_requests, two_requests_gather, errors]
PARAMS = {"limit": count(5, 1, 1000)}

if __name__ == "__main__":
    run(VARIANTS, PARAMS)
