"""A site's own figures, its pool and its meters: set by those who configure it, on record, and read at once."""

from decimal import Decimal
from threading import Thread

import pytest
from django.db import connection
from django.utils import timezone

from cango_ops.base.models import AuditEvent
from compute.models import MiningTerms
from sites import agreements
from sites.agreements import AgreementRefused
from sites.models import AddressRange, Battery, Meter
from tests.compute.web.test_credentials_page import signed_in_lately
from tests.sites.web.test_contract import text_of
from tests.web.callers import by_key, by_session, key_of
from tests.worlds import make_world

pytestmark = pytest.mark.django_db
PAGE = "/sites/PECOS/settings/"


@pytest.fixture
def world():
    return make_world()


def meter(**more: str) -> dict[str, str]:
    said = {
        "name": "feed 2",
        "map_name": "schneider_pm5340",
        "address": "127.0.0.9",
        "port": "502",
        "unit_id": "3",
    } | more
    return {f"meter-{name}": value for name, value in said.items()}


def pool(**more: str) -> dict[str, str]:
    return {f"pool-{name}": value for name, value in ({"pool": "Foundry", "fee_percent": "1.5"} | more).items()}


def figures(**more: str) -> dict[str, str]:
    said = {"name": "Pecos", "capacity_mw": "25", "latitude": "31.42", "longitude": "-103.49"} | more
    return {f"site-{name}": value for name, value in said.items()}


def test_a_manager_sets_what_the_pool_keeps_and_changes_it(world):
    client = signed_in_lately(world.bo)
    client.post(f"{PAGE}pool/", pool())
    said = client.post(f"{PAGE}pool/", pool(fee_percent="2"), follow=True)

    row = MiningTerms.objects.get(site=world.pecos)
    assert (row.pool, row.fee_share) == ("Foundry", Decimal("0.0200"))
    assert "Foundry keeps 2.00 % of the reward." in text_of(said)
    first, second = AuditEvent.objects.filter(verb="pool.set")
    assert (first.detail["before"], second.detail["before"]["fee_share"]) == (None, "0.015")
    assert second.detail["after"]["fee_share"] == "0.02"


def test_a_meter_is_set_changed_under_its_name_and_keeps_what_it_said(world):
    client = signed_in_lately(world.bo)
    client.post(f"{PAGE}meter/", meter())
    Meter.objects.filter(name="feed 2").update(power_w=5.0, observed_at=timezone.now())
    client.post(f"{PAGE}meter/", meter(address="127.0.0.10"))

    row = Meter.objects.get(site=world.pecos, name="feed 2")
    assert (row.address, row.port, row.unit_id, row.map_name, row.power_w) == (
        "127.0.0.10",
        502,
        3,
        "schneider_pm5340",
        5.0,
    )
    assert AuditEvent.objects.filter(verb="meter.set").count() == 2
    assert world.pecos.meters.count() == 2


@pytest.mark.django_db(transaction=True)
def test_two_who_set_the_same_new_meter_at_once_leave_one(world):
    failed = []

    def set_it(address: str) -> None:
        row = Meter(name="feed 2", map_name="sunspec", address=address)
        try:
            agreements.set_meter(world.bo, world.pecos, row)
        except Exception as why:
            failed.append(why)
        finally:
            connection.close()

    both = [Thread(target=set_it, args=(address,)) for address in ("127.0.0.9", "127.0.0.10")]
    for one in both:
        one.start()
    for one in both:
        one.join()

    assert failed == []
    assert world.pecos.meters.filter(name="feed 2").count() == 1
    assert AuditEvent.objects.filter(verb="meter.set").count() == 2


def test_only_a_meter_that_was_never_heard_is_removed(world):
    client = signed_in_lately(world.bo)
    client.post(f"{PAGE}meter/", meter())
    Meter.objects.filter(name="main").update(observed_at=timezone.now())

    kept = client.post(f"{PAGE}meter/remove/", {"meter": "main"}, follow=True)
    client.post(f"{PAGE}meter/remove/", {"meter": "feed 2"})

    assert "What it said stays on record; give it another address instead." in text_of(kept)
    assert [one.name for one in world.pecos.meters.all()] == ["main"]


@pytest.mark.parametrize(
    ("what", "said", "field", "words"),
    [
        ("meter", meter(address="8.8.8.8"), "address", "outside the site's address ranges"),
        ("meter", meter(address="169.254.169.254"), "address", "is not for machines"),
        ("meter", meter(address="meter.example"), "address", "Enter a valid IPv4 or IPv6 address."),
        ("meter", meter(address="127.0.0.1", port="5020", unit_id="1"), "address", "main answers there already"),
        ("meter", meter(port="0"), "port", "A port is a number from 1 to 65535."),
        ("meter", meter(port="70000"), "port", "A port is a number from 1 to 65535."),
        ("meter", meter(unit_id="300"), "unit_id", "A Modbus unit is a number from 0 to 255."),
        ("meter", meter(map_name="abacus"), "map_name", "abacus is not one of the available choices"),
        ("pool", pool(fee_percent="100"), "fee_percent", "less than or equal to 99.99"),
        ("pool", pool(fee_percent="NaN"), "fee_percent", "Enter a number."),
        ("pool", pool(pool=""), "pool", "This field is required."),
        ("site", figures(latitude="91"), "latitude", "less than or equal to 90"),
        ("site", figures(longitude=""), "longitude", "are given together, or neither"),
        ("site", figures(capacity_mw="-1"), "capacity_mw", "greater than or equal to 0"),
    ],
)
def test_what_cannot_be_is_said_at_its_field_and_sets_nothing(world, what, said, field, words):
    AddressRange.objects.filter(site=world.pecos).update(network="127.0.0.0/16")

    answer = signed_in_lately(world.bo).post(f"{PAGE}{what}/", said)

    errors = getattr(answer.context["page"].forms, what).errors
    assert answer.status_code == 400
    assert any(words in one for one in errors[field])
    assert next(iter(said.values())) in text_of(answer)
    assert (world.pecos.meters.count(), MiningTerms.objects.count()) == (1, 0)
    world.pecos.refresh_from_db()
    assert (world.pecos.capacity_mw, world.pecos.latitude) == (20, None)


def test_the_sites_own_figures_are_set_and_nothing_else_of_it(world):
    signed_in_lately(world.bo).post(f"{PAGE}site/", figures() | {"site-code": "OTHER", "site-time_zone": "UTC"})

    world.pecos.refresh_from_db()
    assert (world.pecos.capacity_mw, world.pecos.latitude, world.pecos.longitude) == (25, 31.42, -103.49)
    assert (world.pecos.code, world.pecos.time_zone) == ("PECOS", "America/Chicago")
    detail = AuditEvent.objects.get(verb="site.set").detail
    assert (detail["before"]["capacity_mw"], detail["after"]["capacity_mw"]) == ("20", "25")
    signed_in_lately(world.bo).post(f"{PAGE}site/", figures())
    assert AuditEvent.objects.filter(verb="site.set").count() == 1


def test_who_sees_the_site_reads_and_only_managers_change(world):
    ada, cy = signed_in_lately(world.ada), signed_in_lately(world.cy)
    assert "Set the meter" not in text_of(ada.get(PAGE))
    for end, said in (("site/", figures()), ("pool/", pool()), ("meter/", meter()), ("meter/remove/", {})):
        assert ada.post(PAGE + end, said).status_code == 403
        assert cy.post(PAGE + end, said).status_code == 404
    assert cy.get(PAGE).status_code == 404
    with pytest.raises(AgreementRefused, match="role"):
        agreements.set_site(world.ada, world.pecos, world.pecos, ["name"])


def test_a_change_asks_again_who_it_is(world):
    answer = by_session(world.bo).post(f"{PAGE}pool/", pool())
    assert answer.status_code == 302
    assert "reauthenticate" in answer["Location"]
    assert not MiningTerms.objects.exists()


def test_rest_gives_what_the_page_shows(world):
    signed_in_lately(world.bo).post(f"{PAGE}pool/", pool())
    said = by_key(key_of(world.ada)).get("/api/v1/sites/PECOS/settings/").json()
    assert (said["pool"], said["capacity_mw"]) == ({"pool": "Foundry", "fee_share": "0.0150"}, "20.000")
    assert [one["map_name"] for one in said["meters"]] == ["sunspec"]


def test_a_battery_that_stands_there_no_more_is_removed_and_stays_on_record(world):
    Battery.objects.create(site=world.pecos, name="north", capacity_mwh=10, charge_mw=5, discharge_mw=5)
    remove = "/sites/PECOS/contract/battery/remove/"

    assert signed_in_lately(world.ada).post(remove, {"battery": "north"}).status_code == 403
    signed_in_lately(world.bo).post(remove, {"battery": "north"})

    assert not Battery.objects.exists()
    assert AuditEvent.objects.get(verb="storage.removed").detail["before"]["capacity_mwh"] == "10"


def test_a_battery_gets_the_address_that_it_is_asked_at(world):
    said = {f"battery-{name}": value for name, value in {
        "capacity_mwh": "12", "charge_mw": "6", "discharge_mw": "6", "eta_charge": "0.95", "eta_discharge": "0.95",
        "wear_usd_per_mwh": "9", "address": "127.0.0.7", "port": "1502", "unit_id": "0",
    }.items()}  # fmt: skip
    client = signed_in_lately(world.bo)
    client.post("/sites/PECOS/contract/battery/", said)
    AddressRange.objects.filter(site=world.pecos).update(network="127.0.0.0/16")
    wrong = client.post("/sites/PECOS/contract/battery/", said | {"battery-address": "10.0.0.1"})

    row = Battery.objects.get()
    assert (row.address, row.port, row.unit_id) == ("127.0.0.7", 1502, 0)
    assert (wrong.status_code, "outside the site&#x27;s address ranges" in text_of(wrong)) == (400, True)
