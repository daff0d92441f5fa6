"""The network's reading with an own node and a second source of the price, over real sockets."""

import socketserver
import threading
from collections.abc import Iterator
from contextlib import contextmanager

import msgspec
import pytest

from cango_ops.wire import NoAnswer
from compute.market import network
from compute.models import NetworkReading
from tests.compute.feeds.test_bitcoin_core import info
from tests.compute.feeds.test_mempool_space import ANSWERS
from tests.compute.feeds.test_spot_price import KRAKEN
from tests.compute.market.test_network import mempool

pytestmark = pytest.mark.django_db


@contextmanager
def node(reward_sat: int) -> Iterator[str]:
    """A Bitcoin Core on loopback."""

    class Handler(socketserver.StreamRequestHandler):
        def handle(self) -> None:
            head = b"".join(iter(self.rfile.readline, b"\r\n"))
            size = int(head.lower().partition(b"content-length:")[2].split()[0])
            asked = msgspec.json.decode(self.rfile.read(size))
            answers = [
                {"result": {"subsidy": reward_sat, "totalfee": 0}, "error": None, "id": at}
                for at, _ in enumerate(asked)
            ]
            is_info = asked[0]["method"] == "getblockchaininfo"
            body = b"[" + info(difficulty=1.5e14) + b"]" if is_info else msgspec.json.encode(answers)
            self.wfile.write(b"HTTP/1.1 200 OK\r\nContent-Length: %d\r\n\r\n" % len(body) + body)

    with socketserver.ThreadingTCPServer(("127.0.0.1", 0), Handler) as server:
        threading.Thread(target=server.serve_forever, daemon=True).start()
        yield f"http://rpc:pass@127.0.0.1:{server.server_address[1]}/"
        server.shutdown()


def test_an_own_node_gives_difficulty_and_rewards():
    with mempool(ANSWERS) as url, node(312_500_000) as own:
        kept = network.read(url, own)

    assert (kept.difficulty, kept.reward_sat, kept.price_usd) == (1.5e14, 312_500_000, 80_000)
    assert "pass" not in kept.source


def test_two_prices_that_agree_give_their_mean():
    with mempool(ANSWERS) as url, mempool({"Ticker": KRAKEN}) as other:
        kept = network.read(url, "", [f"kraken={other.removesuffix('/api/v1')}"])

    # 80,000 and 79,999.5
    assert float(kept.price_usd) == pytest.approx(79_999.75, abs=0.01)
    assert kept.source.endswith(", kraken")


def test_prices_that_differ_are_refused_in_words_and_nothing_is_kept():
    far = KRAKEN.replace(b"79999.5", b"99999.5")
    with (
        mempool(ANSWERS) as url,
        mempool({"Ticker": far}) as other,
        pytest.raises(NoAnswer, match=r"differ by 22\.2 %"),
    ):
        network.read(url, "", [f"kraken={other.removesuffix('/api/v1')}"])

    assert not NetworkReading.objects.exists()


def test_a_source_that_nobody_knows_is_named():
    with (
        mempool(ANSWERS) as url,
        pytest.raises(NoAnswer, match="no source of prices 'gemini'; there are coinbase, kraken, mempool"),
    ):
        network.read(url, "", ["gemini=http://127.0.0.1:9"])
