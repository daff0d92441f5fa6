"""Reading the Bitcoin network from a server on loopback, and what is known when it is away."""

import socketserver
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime

import pytest
import time_machine

from cango_ops.wire import NoAnswer
from compute.market import network
from compute.models import NetworkReading
from tests.compute.feeds.test_mempool_space import ANSWERS

pytestmark = pytest.mark.django_db


@contextmanager
def mempool(answers: dict[str, bytes]) -> Iterator[str]:
    class Handler(socketserver.StreamRequestHandler):
        def handle(self) -> None:
            path = self.rfile.readline().split()[1].decode()
            body = next(answer for name, answer in answers.items() if name.replace("_", "/") in path)
            self.wfile.write(b"HTTP/1.1 200 OK\r\nContent-Length: %d\r\n\r\n" % len(body) + body)

    with socketserver.ThreadingTCPServer(("127.0.0.1", 0), Handler) as server:
        threading.Thread(target=server.serve_forever, daemon=True).start()
        yield f"http://127.0.0.1:{server.server_address[1]}/api/v1"
        server.shutdown()


def test_a_reading_is_kept_with_its_time_and_source():
    with time_machine.travel(datetime(2026, 3, 8, 12, tzinfo=UTC), tick=False), mempool(ANSWERS) as url:
        network.read(url)

    kept = NetworkReading.objects.get()
    assert kept.observed_at == datetime(2026, 3, 8, 12, tzinfo=UTC)
    assert kept.source.startswith("127.0.0.1:")
    # 86,400e15 / (1.25e14 * 2**32) blocks a day * 3.16666666 BTC * 80,000 $
    assert kept.hashprice_usd_per_ph_day == pytest.approx(40.7695, abs=1e-3)


def test_an_absurd_price_is_not_kept():
    with mempool(ANSWERS | {"prices": b'{"USD":0.01}'}) as url, pytest.raises(NoAnswer, match="garbled"):
        network.read(url)
    assert not NetworkReading.objects.exists()


def test_a_source_that_is_away_is_said_by_its_reason():
    with pytest.raises(NoAnswer, match="refused"):
        network.read("http://127.0.0.1:9/api/v1")


def test_the_last_good_value_stays_and_grows_stale():
    with time_machine.travel(datetime(2026, 3, 8, 12, tzinfo=UTC), tick=False) as traveller, mempool(ANSWERS) as url:
        network.read(url)
        assert network.hashprice().is_stale is False
        traveller.move_to(datetime(2026, 3, 8, 12, 16, tzinfo=UTC))
        assert network.hashprice().is_stale is True


def test_an_hour_of_an_exahash_by_hand():
    with mempool(ANSWERS) as url:
        network.read(url)
    # 1,000,000 TH/s = 1,000 PH/s * 40.7695 $ / 24 h
    assert network.hashprice().usd_per_h(1_000_000) == pytest.approx(1698.73, abs=0.05)


def test_nothing_is_known_before_the_first_reading():
    assert network.hashprice() is None
