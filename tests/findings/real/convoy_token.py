"""One lock for the tokens of all tenants."""

import asyncio
import random


class TokenCache:
    def __init__(self):
        self.lock = asyncio.Lock()
        self.tokens = {}

    async def fetch_token(self, tenant):
        await asyncio.sleep(0.05)
        return f"token-{tenant}"

    async def token(self, tenant):
        async with self.lock:
            # one lock for all tenants, held while the identity server answers
            token = await self.fetch_token(tenant)  # WRONG: convoy
            self.tokens[tenant] = token
            return token


class Client:
    def __init__(self, tokens):
        self.tokens = tokens

    async def request(self, tenant, path):
        token = await self.tokens.token(tenant)
        await asyncio.sleep(0.01)
        return f"{path} with {token}"


async def main():
    client = Client(TokenCache())
    results = await asyncio.gather(*(client.request(t % 4, f"/items/{t}") for t in range(16)))
    print(len(results))


asyncio.run(main())
