"""A price spike from the market to the meter: seen, decided by two people, ordered, verified and judged in hindsight.

Machines, meter and market answer over real sockets; what the schedule wakes is called here, one after the other.
"""

from collections.abc import Iterator
from datetime import timedelta

import pytest
from playwright.sync_api import expect

from cango_ops.base import clock
from cango_ops.estate.layout import FEED_PORT, NETWORK_ADDRESS, PRICE_ADDRESS
from compute import tasks
from compute.commands import sending
from compute.decisions.verify import verify
from compute.models import Decision, Order
from tests.pages.drill import Drill, addresses, drill_at, last_whole_hour, until

pytestmark = pytest.mark.pages


@pytest.fixture
def drill(console_server, settings, tmp_path, monkeypatch) -> Iterator[Drill]:
    """Pryor: fifteen sound machines, a meter, and a contract that follows SPP-SOUTH."""
    # On a machine that is busy with other tests a commit may take its time; what is late is a test of its own.
    monkeypatch.setattr(sending, "LATE_S", 20.0)
    monkeypatch.setattr(sending, "CONNECT_S", 10.0)
    with drill_at("PRYOR", tmp_path) as opened:
        settings.MOVED_PORTS = opened.estate.moved
        settings.NETWORK_URL = f"http://{NETWORK_ADDRESS}:{FEED_PORT + opened.estate.shift}/api/v1"
        settings.POWER_PRICE_URL = f"http://{PRICE_ADDRESS}:{FEED_PORT + opened.estate.shift}/v1"
        yield opened


def test_a_price_spike_from_the_market_to_the_meter(visit, drill):
    drill.live_through(last_whole_hour())
    drill.look()
    drill.plan()
    bo = visit("/switching/", user=drill.bo, is_sure=True)
    expect(bo.locator("h1")).to_have_text("No decision waits for you")
    calm_w = drill.meter_w()

    drill.rehearse("price-spike")
    drill.until_it_proposes()
    expect(bo.locator("h1")).to_contain_text("1 decision waits")
    expect(bo.locator(".decision")).to_contain_text("0 of 2 said yes")

    bo.get_by_role("button", name="Approve").click()
    expect(bo.locator(".decision")).to_contain_text("you said yes; 1 more")
    assert Order.objects.count() == 0
    dora = visit("/sites/PRYOR/switching/", user=drill.dora, is_sure=True)
    dora.get_by_role("button", name="Approve").click()
    expect(bo.get_by_role("heading", name="Being carried out")).to_be_visible()

    drill.carry_out()
    assert set(drill.told()) == addresses(drill.site)
    assert set(drill.told().values()) == {1}
    until(30, lambda: drill.meter_w() < 0.1 * calm_w)
    bo.goto(f"/commands/{Order.objects.get(state='done').pk}/")
    expect(bo.locator("#f-meter")).to_contain_text("read again when the machines have settled")
    drill.let_settle()
    drill.meter_w()
    tasks.confirm_commands()
    expect(bo.locator("#f-meter")).to_contain_text("less:")

    drill.meter_w()
    assert verify(clock.now() + timedelta(minutes=6)) == 1
    assert Decision.objects.get().state == "done"
    expect(dora.locator("#past-title")).to_be_visible()
    expect(dora.locator(".decision")).to_contain_text("promised")

    tasks.look_back()
    dora.reload()
    told = dora.locator("#days-room tbody tr").first.locator("td")
    expect(told.nth(0)).to_have_text("1")
    expect(told.nth(1)).not_to_have_text("–")
