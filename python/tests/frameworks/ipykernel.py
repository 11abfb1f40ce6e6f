# packages: ipykernel jupyter_client
# children
import os
import tempfile

os.environ["PYDEVD_DISABLE_FILE_VALIDATION"] = "1"
CELL = """
import asyncio
async def double(number):
    await asyncio.sleep(0.01)
    return number * 2
print(await asyncio.gather(double(1), double(21)))
"""


def main():
    from jupyter_client.manager import start_new_kernel

    manager, client = start_new_kernel()
    printed = []

    def output(message):
        if message["msg_type"] == "stream":
            printed.append(message["content"]["text"])

    for _ in range(2):
        answer = client.execute_interactive(CELL, output_hook=output, timeout=60)
        print(answer["content"]["status"])
    print("".join(printed))
    client.stop_channels()
    manager.shutdown_kernel()


with tempfile.TemporaryDirectory() as folder:
    os.environ.update(IPYTHONDIR=folder, JUPYTER_RUNTIME_DIR=folder)
    main()
