"""The sources of the chain that the settings name, and how each kind of them is asked."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from typing import Final
from urllib.parse import unquote, urlsplit

from django.conf import settings

from cango_ops.wire import Conversation, NoAnswer
from compute.market import fetch
from treasury.chain import bitcoin_core, core_wallet, electrum, esplora
from treasury.chain.watching import Block, Told, Wanted

KINDS: Final = {
    "core": ("http", "https"),
    "core-wallet": ("http", "https"),
    "esplora": ("http", "https"),
    "electrum": ("tcp", "ssl"),
}
CORES: Final = {"core": bitcoin_core.ask_balances, "core-wallet": core_wallet.ask_balances}
# A scan of the whole set of outputs takes minutes on the main network.
DEADLINE_S: Final = {"core": 500.0, "core-wallet": 120.0, "esplora": 120.0, "electrum": 120.0}


@dataclass(frozen=True)
class Source:
    """kind: core, core-wallet, esplora or electrum.   name: fit for a page, without its password."""

    kind: str
    url: str

    @property
    def name(self) -> str:
        where = urlsplit(self.url)
        port = f":{where.port}" if where.port else ""
        return f"{self.kind} at {where.hostname}{port}"[:100]

    def read(self, wanted: Sequence[Wanted], known: Collection[Block]) -> Told:
        """Raises NoAnswer."""
        return fetch.talk(self.url, lambda path: self.begin(wanted, known, path), deadline_s=DEADLINE_S[self.kind])

    def begin(self, wanted: Sequence[Wanted], known: Collection[Block], path: str) -> Conversation[Told]:
        if self.kind in CORES:
            where = urlsplit(self.url)
            user, password = unquote(where.username or ""), unquote(where.password or "")
            return CORES[self.kind](user, password, wanted, known, f"{path}/")
        if self.kind == "esplora":
            return esplora.ask_balances(wanted, known, path)
        return electrum.ask_balances(wanted, known)


def configured() -> list[Source]:
    """In the order of the settings; the first one says what came and went. Raises NoAnswer for one that cannot be."""
    urls = settings.CHAIN_URLS
    if not urls and settings.BITCOIN_RPC_URL:
        urls = [f"core={settings.BITCOIN_RPC_URL}"]
    return [source_of(text) for text in urls]


def source_of(text: str) -> Source:
    kind, _, url = text.partition("=")
    try:
        where = urlsplit(url)
        is_good = where.scheme in KINDS.get(kind, ()) and bool(where.hostname) and where.port != 0
    except ValueError:
        is_good = False
    if not is_good:
        raise NoAnswer("refused", f"CANGO_CHAIN_URLS holds a {kind[:20]!r} that is none of {', '.join(KINDS)}=URL")
    return Source(kind, url)
