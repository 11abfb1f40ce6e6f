"""The loop's own socket methods, a datagram endpoint and a reader callback."""
import asyncio
import os
import socket


class Datagrams(asyncio.DatagramProtocol):
    def __init__(self, done):
        self.done = done

    def datagram_received(self, data, address):
        self.done.set_result(data)


async def main():
    loop = asyncio.get_running_loop()
    left, right = socket.socketpair()
    left.setblocking(False)
    right.setblocking(False)
    await loop.sock_sendall(left, b"ping")
    print(await loop.sock_recv(right, 10))
    done = loop.create_future()
    transport, _ = await loop.create_datagram_endpoint(
        lambda: Datagrams(done), local_addr=("127.0.0.1", 0)
    )
    transport.sendto(b"datagram", transport.get_extra_info("sockname"))
    print(await done)
    transport.close()
    read, write = os.pipe()
    readable = asyncio.Event()
    loop.add_reader(read, readable.set)
    os.write(write, b"!")
    await readable.wait()
    print(loop.remove_reader(read), os.read(read, 1), loop.remove_reader(read))
    left.close()
    right.close()


asyncio.run(main())
