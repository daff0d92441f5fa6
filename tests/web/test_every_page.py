"""What every page of the frame has: the zone of its times, and the truth about whether it renews itself."""

import re

import pytest

from tests.worlds import make_world

pytestmark = pytest.mark.django_db
PAGES = (
    "/", "/machines/", "/commands/", "/hold/", "/switching/", "/switching/hindsight/", "/switching/backtest/",
    "/system/", "/compute/protocols/", "/alerts/", "/alerts/rules/", "/alerts/messages/", "/events/", "/handovers/",
    "/views/", "/at/", "/search/", "/sites/PECOS/", "/sites/PECOS/C1/", "/sites/PECOS/C1/1/",
    "/sites/PECOS/switching/", "/sites/PECOS/contract/", "/sites/PECOS/gpu-contracts/", "/sites/PECOS/outages/",
    "/sites/PECOS/programmes/", "/sites/PECOS/settings/",
    "/at/PECOS/C1/1/", "/labels/PECOS/", "/commands/new/?container={box}", "/account/tokens/",
    "/sites/PECOS/map/", "/sites/PECOS/scan/",
    "/sites/PECOS/network/", "/sites/PECOS/credentials/",
)  # fmt: skip


@pytest.mark.parametrize("path", PAGES)
def test_every_page_offers_the_zone(client, path):
    world = make_world()
    client.force_login(world.bo)

    answer = client.get(path.format(box=world.c1.pk))

    assert answer.status_code == 200
    assert 'aria-label="Time zone"' in answer.content.decode()


def test_a_page_without_a_range_follows_the_zone_that_was_chosen(client):
    world = make_world()
    client.force_login(world.bo)

    def zone(query: str) -> str:
        return (
            client.get(f"/sites/PECOS/outages/{query}").content.decode().partition('data-zone="')[2].partition('"')[0]
        )

    assert (zone(""), zone("?zone=utc")) == ("America/Chicago", "UTC")
    assert client.get("/hold/?zone=mars").status_code == 400
    assert 'hx-get="/hold/line/?zone=utc"' in client.get("/hold/?zone=utc").content.decode()


@pytest.mark.parametrize("path", PAGES)
def test_only_a_page_that_renews_itself_says_that_it_is_live(client, path):
    world = make_world()
    client.force_login(world.bo)

    said = client.get(path.format(box=world.c1.pk)).content.decode()

    renews = re.search(r'data-topic="(?!hold"|alerts" data-gap-s="1" hx-get="/alerts/count/)', said) is not None
    assert ('id="live"' in said) == renews
