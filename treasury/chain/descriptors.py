"""Watch-only wallets: output descriptors and extended public keys, and the addresses that they own.

The console never holds a key: anything that could spend is refused before it is kept, and no error repeats it.
Sources: BIP 380 to 389 (descriptors, checksum, <0;1>); SLIP 132 (zpub, ypub).
"""

from dataclasses import dataclass
from typing import Any, Final

from embit import base58, bip32
from embit.descriptor import Descriptor
from embit.descriptor.checksum import checksum

from cango_ops.wire import Garbled

LONGEST: Final = 4000
MOST_ADDRESSES: Final = 10_000
# SLIP 132: the prefix of an extended public key says which script it is for.
SCRIPTS: Final = {"xpub": "pkh({})", "ypub": "sh(wpkh({}))", "zpub": "wpkh({})"}
SPENDS: Final = ("xprv", "yprv", "zprv", "tprv", "uprv", "vprv")


@dataclass(frozen=True)
class WatchOnly:
    """A wallet that can be watched and not spent from. branches: 2 where it has receiving and change addresses."""

    text: str
    branches: int
    is_ranged: bool
    descriptor: Any

    def addresses(self, count: int, branch: int = 0, first: int = 0) -> list[str]:
        """`count` addresses of a branch from index `first` on; one where the descriptor has no range."""
        if not 0 < count <= MOST_ADDRESSES or first < 0 or first + count > 2**31 or not 0 <= branch < self.branches:
            raise ValueError("no such addresses")
        if not self.is_ranged:
            return [self.descriptor.address()]
        which = branch if self.branches > 1 else None
        return [self.descriptor.derive(index, branch_index=which).address() for index in range(first, first + count)]


def parse(text: str) -> WatchOnly:
    """The wallet of a descriptor, or of an xpub, ypub or zpub. Raises Garbled."""
    text = text.strip()
    if not 0 < len(text) <= LONGEST:
        raise Garbled(f"a descriptor has 1 to {LONGEST} characters")
    if any(word in text for word in SPENDS):
        raise Garbled("this holds a private key; the console keeps none: give its public descriptor")
    if text[:4] in SCRIPTS:
        text = of_extended_key(text)
    body = checked(text)
    try:
        descriptor = Descriptor.from_string(body)
        found = WatchOnly(body, max(1, descriptor.num_branches), descriptor.is_wildcard, descriptor)
        private = any(key.is_private for key in descriptor.keys)
        if not private:
            found.addresses(1)
    except Exception as error:  # embit raises whatever its reader stumbles over
        raise Garbled("this is no output descriptor that can be read") from error
    if private:
        raise Garbled("this holds a private key; the console keeps none: give its public descriptor")
    return found


def checked(text: str) -> str:
    """The descriptor without its checksum, which must be right where there is one."""
    body, mark, given = text.partition("#")
    if mark:
        try:
            wanted = checksum(body)
        except Exception as error:  # a character that no descriptor holds
            raise Garbled("this is no output descriptor that can be read") from error
        if given != wanted:
            raise Garbled("the checksum of the descriptor is wrong: it was mistyped or cut off")
    return body


def of_extended_key(text: str) -> str:
    """The descriptor of a bare extended public key: the script of its prefix, receiving and change."""
    script = SCRIPTS[text[:4]]
    try:
        raw = base58.decode_check(text)
        key = bip32.HDKey.parse(raw)
        key.version = bytes.fromhex("0488b21e")
        return script.format(f"{key.to_base58()}/<0;1>/*")
    except Exception as error:
        raise Garbled("this is no extended public key: it was mistyped or cut off") from error
