"""Sockets that can only be reached from this machine: bound to the loopback device, on every address of it."""

import resource
import socket
from contextlib import suppress
from typing import Final

SO_BINDTODEVICE: Final = 25
BACKLOG: Final = 16_384


class PortTaken(RuntimeError):
    """A port of the estate is already in use."""


def loopback_listener(port: int) -> socket.socket:
    """A listening socket on all of 127.0.0.0/8 and nowhere else.

    Where the kernel does not let us bind to the device (before Linux 5.7 only root may), each connection is checked at
    both ends instead and a foreign one is reset unread; see `connection`.
    """
    listener = socket.socket(socket.AF_INET, socket.SOCK_STREAM)
    listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    with suppress(PermissionError):
        listener.setsockopt(socket.SOL_SOCKET, SO_BINDTODEVICE, b"lo\0")
    try:
        listener.bind(("0.0.0.0", port))  # noqa: S104 - of the device lo only
    except OSError as error:
        listener.close()
        raise PortTaken(f"port {port} is taken: {error.strerror}") from error
    listener.listen(BACKLOG)
    listener.setblocking(False)
    return listener


def allow_many_connections() -> int:
    """Raises this process's limit of open files to the most it may have; returns it."""
    _, most = resource.getrlimit(resource.RLIMIT_NOFILE)
    resource.setrlimit(resource.RLIMIT_NOFILE, (most, most))
    return most
