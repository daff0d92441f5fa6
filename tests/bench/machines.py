"""A field of machines for the benches, in a process of its own: python -m tests.bench.machines PORT

Every address of 127.0.0.0/8 answers at the port. 127.1.x.y closes after an answer of about 4 KB, 127.2.x.y takes the
question and stays silent, 127.3.x.y answers a byte a second.
"""

import asyncio
import sys

import uvloop

from tests.bench.decode import stock_stats

BODY = stock_stats()


class Machine(asyncio.Protocol):
    def connection_made(self, transport: asyncio.Transport) -> None:
        self.transport = transport

    def data_received(self, data: bytes) -> None:
        kind = self.transport.get_extra_info("sockname")[0].split(".")[1]
        if kind == "1":
            self.transport.write(BODY)
            self.transport.close()
        elif kind == "3":
            self.drip(0)

    def drip(self, at: int) -> None:
        if not self.transport.is_closing():
            self.transport.write(BODY[at : at + 1])
            asyncio.get_running_loop().call_later(1.0, self.drip, at + 1)


async def listen(port: int) -> None:
    server = await asyncio.get_running_loop().create_server(Machine, "0.0.0.0", port, backlog=8192)
    print("ready", flush=True)
    await server.serve_forever()


if __name__ == "__main__":
    uvloop.run(listen(int(sys.argv[1])))
