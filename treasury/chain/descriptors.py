"""Watch-only wallets: output descriptors and extended public keys, and the addresses that they own.

The console never holds a key: anything that could spend is refused before it is kept, and no error repeats it.
Sources: BIP 380 to 389 (descriptors, checksum, <0;1>); SLIP 132 (ypub, zpub and those of test networks).
"""

import re
from dataclasses import dataclass
from functools import lru_cache
from typing import Any, Final

from embit import base58, bip32
from embit.descriptor import Descriptor
from embit.descriptor.checksum import checksum
from embit.networks import NETWORKS

from cango_ops.wire import Garbled

LONGEST: Final = 4000
MOST_ADDRESSES: Final = 10_000
# SLIP 132: the prefix of an extended public key says which script it is for, and on which network.
SCRIPTS: Final = {
    "xpub": "pkh({})", "ypub": "sh(wpkh({}))", "zpub": "wpkh({})",
    "tpub": "pkh({})", "upub": "sh(wpkh({}))", "vpub": "wpkh({})",
}  # fmt: skip
OF_TEST: Final = ("tpub", "upub", "vpub")
VERSIONS: Final = {"main": bytes.fromhex("0488b21e"), "test": bytes.fromhex("043587cf")}
SPENDS: Final = ("xprv", "yprv", "zprv", "Yprv", "Zprv", "tprv", "uprv", "vprv", "Uprv", "Vprv")
PRIVATE: Final = "this holds a private key; the console keeps none: give its public descriptor"
UNREADABLE: Final = "this is no output descriptor that can be read"
# A key in WIF, mainnet or test: 51 or 52 characters of base58 that begin so.
WIF: Final = re.compile(r"(?<![0-9A-Za-z])[5KL9c][1-9A-HJ-NP-Za-km-z]{50,51}(?![0-9A-Za-z])")
SEED_WORDS: Final = (12, 15, 18, 21, 24)


@dataclass(frozen=True)
class WatchOnly:
    """A wallet that can be watched and not spent from. branches: 2 where it has receiving and change addresses.

    network: "main", or "test" where a key is one of a test network.
    """

    text: str
    branches: int
    is_ranged: bool
    descriptor: Any
    network: str = "main"

    def addresses(self, count: int, branch: int = 0, first: int = 0) -> list[str]:
        """`count` addresses of a branch from index `first` on; one where the descriptor has no range."""
        network = NETWORKS[self.network]
        return [one.address(network) for one in self._derived(count, branch, first)]

    def scripts(self, count: int, branch: int = 0, first: int = 0) -> list[bytes]:
        """The same as output scripts, which are the same on every network."""
        self._check(count, branch, first)
        return [
            script_at(self.text, branch, number) for number in range(first, first + (count if self.is_ranged else 1))
        ]

    def of_branch(self, branch: int) -> str:
        """The descriptor of one branch, for nodes that read no <0;1>."""
        return str(self.descriptor.branch(branch)) if self.branches > 1 else self.text

    def _check(self, count: int, branch: int, first: int) -> None:
        if not 0 < count <= MOST_ADDRESSES or first < 0 or first + count > 2**31 or not 0 <= branch < self.branches:
            raise ValueError("no such addresses")

    def _derived(self, count: int, branch: int, first: int) -> list[Any]:
        self._check(count, branch, first)
        if not self.is_ranged:
            return [self.descriptor]
        which = branch if self.branches > 1 else None
        return [self.descriptor.derive(index, branch_index=which) for index in range(first, first + count)]


@lru_cache(maxsize=16)
def read(text: str) -> Any:
    return Descriptor.from_string(text)


# A wallet's addresses are looked for every few minutes, and deriving one takes a quarter of a millisecond.
@lru_cache(maxsize=100_000)
def script_at(text: str, branch: int, number: int) -> bytes:
    """The output script of an address of a public descriptor."""
    descriptor = read(text)
    if not descriptor.is_wildcard:
        return bytes(descriptor.script_pubkey().data)
    which = branch if descriptor.num_branches > 1 else None
    return bytes(descriptor.derive(number, branch_index=which).script_pubkey().data)


def parse(text: str) -> WatchOnly:
    """The wallet of a descriptor, or of an extended public key such as an xpub or zpub. Raises Garbled."""
    text = text.strip()
    if not 0 < len(text) <= LONGEST:
        raise Garbled(f"a descriptor has 1 to {LONGEST} characters")
    if could_spend(text):
        raise Garbled(PRIVATE)
    network = "test" if any(word in text for word in OF_TEST) else "main"
    if text[:4] in SCRIPTS:
        text = of_extended_key(text)
    body = checked(text)
    try:
        descriptor = Descriptor.from_string(body)
        found = WatchOnly(body, max(1, descriptor.num_branches), descriptor.is_wildcard, descriptor, network)
        private = any(key.is_private for key in descriptor.keys)
        if not private:
            found.scripts(1)
    except Exception:  # embit raises whatever its reader stumbles over, with the text in it
        raise Garbled(UNREADABLE) from None
    if private:
        raise Garbled(PRIVATE)
    return found


def could_spend(text: str) -> bool:
    """True where the text looks like a private key, whatever else is wrong with it."""
    words = text.split()
    is_phrase = len(words) in SEED_WORDS and all(word.isalpha() and 2 < len(word) < 9 for word in words)
    return is_phrase or any(word in text for word in SPENDS) or WIF.search(text) is not None


def checked(text: str) -> str:
    """The descriptor without its checksum, which must be right where there is one."""
    body, mark, given = text.partition("#")
    if mark:
        try:
            wanted = checksum(body)
        except Exception:  # a character that no descriptor holds
            raise Garbled(UNREADABLE) from None
        if given != wanted:
            raise Garbled("the checksum of the descriptor is wrong: it was mistyped or cut off")
    return body


def of_extended_key(text: str) -> str:
    """The descriptor of a bare extended public key: the script of its prefix, receiving and change."""
    script, network = SCRIPTS[text[:4]], "test" if text[:4] in OF_TEST else "main"
    try:
        raw = base58.decode_check(text)
        key = bip32.HDKey.parse(raw)
        key.version = VERSIONS[network]
        return script.format(f"{key.to_base58()}/<0;1>/*")
    except Exception:
        raise Garbled("this is no extended public key: it was mistyped or cut off") from None
