# packages: sentry-sdk
import asyncio

import sentry_sdk
from sentry_sdk.integrations.asyncio import AsyncioIntegration

sent = []


async def fail():
    await asyncio.sleep(0.001)
    raise LookupError("reported")


async def main():
    sentry_sdk.init(
        dsn="http://key@127.0.0.1:1/1",
        integrations=[AsyncioIntegration()],
        traces_sample_rate=1.0,
        before_send=lambda event, hint: sent.append(event),
        before_send_transaction=lambda event, hint: None,
    )
    with sentry_sdk.start_transaction(name="main"):
        print(await asyncio.gather(fail(), asyncio.sleep(0.002, "fine"), return_exceptions=True))
    print([event["exception"]["values"][-1]["value"] for event in sent])


asyncio.run(main())
