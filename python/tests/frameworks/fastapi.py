# packages: fastapi uvicorn httpx
import asyncio, httpx, uvicorn
from fastapi import FastAPI

app = FastAPI()

@app.get("/{number}")
async def hello(number: int):
    await asyncio.sleep(0.001)
    return {"number": number}

async def main():
    server = uvicorn.Server(uvicorn.Config(app, port=0, log_level="error"))
    serving = asyncio.create_task(server.serve())
    while not server.started:
        await asyncio.sleep(0.01)
    port = server.servers[0].sockets[0].getsockname()[1]
    async with httpx.AsyncClient() as client:
        for number in range(5):
            print((await client.get(f"http://127.0.0.1:{port}/{number}")).json())
    server.should_exit = True
    await serving

asyncio.run(main())
