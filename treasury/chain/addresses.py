"""A bitcoin address, held against its checksum and the network it is for.

Sources: BIP 173 and BIP 350 (bech32, bech32m), BIP 13 and 16 (base58 script addresses).
"""

from typing import Final, NamedTuple

from embit import base58, bech32
from embit.networks import NETWORKS

from cango_ops.wire import Garbled

LONGEST: Final = 90
MAIN: Final = "main"
WITNESS: Final = {(0, 20): "p2wpkh", (0, 32): "p2wsh", (1, 32): "p2tr"}
HASH_BYTES: Final = 20


class Address(NamedTuple):
    """text: in the one spelling that is kept, so that an address has one row.   script: what it pays to."""

    text: str
    network: str
    script: str


def parse(text: str, network: str = MAIN) -> Address:
    """Raises Garbled where it is no address of the network, with why."""
    text = text.strip()
    if not text or len(text) > LONGEST or not text.isascii() or not text.isalnum():
        raise Garbled("this is no bitcoin address")
    found = _witness(text, network) if "1" in text and _looks_like_bech32(text) else _base58(text, network)
    if found is None:
        raise Garbled(f"this is no bitcoin address of the {network} network: it was mistyped or cut off")
    return found


def _looks_like_bech32(text: str) -> bool:
    head = text.lower().partition("1")[0]
    return head in {net["bech32"] for net in NETWORKS.values()}


def _witness(text: str, network: str) -> Address | None:
    head = text.lower().partition("1")[0]
    if head != NETWORKS[network]["bech32"]:
        raise Garbled(f"this address is of another network than {network}")
    version, program = bech32.decode(head, text)
    if version is None or program is None:
        return None
    script = WITNESS.get((version, len(program)))
    if script is None:
        raise Garbled(f"witness version {version} of {len(program)} bytes is nothing that coins are sent to")
    return Address(text.lower(), network, script)


def _base58(text: str, network: str) -> Address | None:
    try:
        raw = base58.decode_check(text)
    except Exception:  # embit raises whatever it stumbles over
        return None
    kinds = {NETWORKS[network]["p2pkh"]: "p2pkh", NETWORKS[network]["p2sh"]: "p2sh"}
    if raw[:1] not in kinds and any(raw[:1] in (net["p2pkh"], net["p2sh"]) for net in NETWORKS.values()):
        raise Garbled(f"this address is of another network than {network}")
    script = kinds.get(raw[:1])
    return Address(text, network, script) if script and len(raw) == 1 + HASH_BYTES else None
