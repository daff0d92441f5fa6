"""Where webhooks may go: to hosts that the installation named, over HTTPS, and never inside its own networks unless it
named those too.

A name is resolved once and the connection goes to the address that was looked at, so that a name which answers
otherwise a moment later leads nowhere. Redirects are not followed.
"""

import socket
from collections.abc import Collection
from ipaddress import IPv4Address, IPv6Address, ip_address, ip_network
from typing import NamedTuple
from urllib.parse import SplitResult, urlsplit

from cango_ops.base.switchboard.reach import never


class NotAllowed(ValueError):
    """The address of a webhook may not be called; says why."""


class Goal(NamedTuple):
    """address: literal, looked at. host: for TLS and the Host header."""

    host: str
    address: str
    port: int
    path: str
    is_tls: bool


def checked(url: str, hosts: Collection[str], networks: Collection[str]) -> SplitResult:
    """The URL, where its form and its host are allowed; nothing is resolved. Raises NotAllowed."""
    try:
        where = urlsplit(url)
        host, _ = where.hostname or "", where.port
    except ValueError as why:
        raise NotAllowed(f"it is no address ({why})") from None
    if where.scheme not in ("https", "http") or not host or where.username or where.password or where.fragment:
        raise NotAllowed("expected https://host/path, without a name and password")
    if not any(is_of(host, allowed) for allowed in hosts):
        raise NotAllowed(f"{host[:80]} is not among the hosts that this installation allows (CANGO_WEBHOOK_HOSTS)")
    if where.scheme == "http" and not networks:
        raise NotAllowed("only https is spoken to hosts outside")
    return where


def is_of(host: str, allowed: str) -> bool:
    """The host itself, or one below ".example.com"."""
    host, allowed = host.lower().rstrip("."), allowed.lower()
    return host == allowed or (allowed.startswith(".") and host.endswith(allowed))


def resolved(url: str, hosts: Collection[str], networks: Collection[str]) -> Goal:
    """The address to connect to. Raises NotAllowed, and OSError where the name does not resolve."""
    where = checked(url, hosts, networks)
    host, is_tls = where.hostname or "", where.scheme == "https"
    port = where.port or (443 if is_tls else 80)
    answers = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)
    address = str(answers[0][4][0])
    refuse_inside(ip_address(address), networks, is_tls)
    path = (where.path or "/") + (f"?{where.query}" if where.query else "")
    return Goal(host, address, port, path, is_tls)


def refuse_inside(address: IPv4Address | IPv6Address, networks: Collection[str], is_tls: bool) -> None:
    inside = any(address in ip_network(network) for network in networks)
    why = never(address.max_prefixlen, int(address))
    if why:
        raise NotAllowed(f"{address} is not to be called: {why}")
    if not address.is_global and not inside:
        raise NotAllowed(f"{address} is inside: only networks in CANGO_WEBHOOK_NETWORKS are called there")
    if not is_tls and not inside:
        raise NotAllowed("only https is spoken to hosts outside")
