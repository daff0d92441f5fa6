import asyncio
import socket
import sys

import pytest

from cango_ops.estate.layout import CGMINER_PORT
from cango_ops.estate.listener import PortTaken, loopback_listener

# Asks at this machine's own address on another device; prints what it heard, or that there is no such device.
CALLER = """
import socket, sys
probe = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
try:
    probe.connect(("192.0.2.1", 9))  # sends nothing: it only asks which way packets would go
except OSError:
    sys.exit("alone")
address = probe.getsockname()[0]
if address.startswith("127."):
    sys.exit("alone")
try:
    with socket.create_connection((address, int(sys.argv[1])), timeout=30) as caller:
        caller.sendall(b'{"command":"summary"}')
        print(len(caller.recv(100)))
except ConnectionError:
    print(0)
"""


async def test_at_an_address_of_another_device_nothing_is_heard(estate):
    port = CGMINER_PORT + estate.estate.shift
    caller = await asyncio.create_subprocess_exec(
        sys.executable, "-c", CALLER, str(port), stdout=asyncio.subprocess.PIPE, stderr=asyncio.subprocess.PIPE
    )

    said, complaint = await asyncio.wait_for(caller.communicate(), 60)

    if complaint.strip() == b"alone":
        pytest.skip("this machine has no other network device")
    assert said == b"0\n"


async def test_the_listener_is_bound_to_the_loopback_device(estate):
    listener = next(server for server in estate.estate.servers if server.sockets).sockets[0]

    device = listener.getsockopt(socket.SOL_SOCKET, socket.SO_BINDTODEVICE, 16)

    assert device.rstrip(b"\0") in (b"lo", b"")  # empty: a kernel that does not let us


async def test_a_taken_port_is_said_in_one_sentence(estate):
    with pytest.raises(PortTaken, match=r"port \d+ is taken: "):
        loopback_listener(CGMINER_PORT + estate.estate.shift)
