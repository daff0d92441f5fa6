"""The page of a site's agreements: who reads, who changes, what a wrong form says, and what stays on record."""

from datetime import date, timedelta
from decimal import Decimal

import pytest

from cango_ops.base.models import AuditEvent
from sites import agreements
from sites.agreements import AgreementRefused
from sites.models import Battery, PowerContract, Programme, SolarPlant
from sites.web.contract.page import today_at
from tests.compute.web.test_credentials_page import signed_in_lately
from tests.web.callers import by_key, by_session, key_of
from tests.worlds import World, make_world

pytestmark = pytest.mark.django_db
ADDRESS = "/sites/PECOS/contract/"


@pytest.fixture
def world() -> World:
    return make_world()


def form(**changes: str) -> dict[str, str]:
    said = {
        "valid_from": "2027-01-01", "kind": "fixed", "supplier": "Permian Power", "price_usd_per_mwh": "48.5",
        "index": "real_time", "export": "none", "do": "set",
    }  # fmt: skip
    return said | changes


def text_of(response) -> str:
    return " ".join(response.content.decode().split())


def test_a_manager_sets_a_contract_from_a_day_on(world):
    answer = signed_in_lately(world.bo).post(ADDRESS, form())
    assert answer.status_code == 302
    newest = PowerContract.objects.filter(site=world.pecos).first()
    assert (newest.valid_from, newest.price_usd_per_mwh) == (date(2027, 1, 1), Decimal("48.5000"))
    event = AuditEvent.objects.get(verb="contract.set")
    assert (event.actor, event.target, event.detail["before"]) == ("bo@example.com", "site/PECOS", None)
    assert "$48.5/MWh" in text_of(by_session(world.ada).get(ADDRESS))


def test_every_term_is_written_as_the_tariff_engine_takes_it(world):
    said = form(
        kind="index", market="ERCOT-WEST", price_usd_per_mwh="4", multiplier="1.02",
        periods="", demand_charges="6500 15 month @ 12:00-20:00 mon-fri", coincident_usd="16750",
        coincident_when="15:00-18:00 mon-fri jun-sep", coincident_hours="20", block_mwh="1000", block_usd="30",
        block_resale="on", export="real_time", export_usd="-3", export_limit="5", holidays="2026-12-25",
    )  # fmt: skip
    assert signed_in_lately(world.bo).post(ADDRESS, said).status_code == 302

    contract = PowerContract.objects.filter(site=world.pecos).first().tariff()
    terms = contract.terms
    assert (terms.multiplier, terms.demand_charges[0].name) == (Decimal("1.02"), "month")
    assert (terms.coincident_peak.usd_per_mw, terms.coincident_peak.hours_a_month) == (Decimal(16750), 20)
    assert (terms.take_or_pay.mwh_a_month, terms.take_or_pay.resale) == (Decimal(1000), True)
    assert (terms.export.index, terms.export.usd_per_mwh, terms.export.limit_mw) == (
        "real_time",
        Decimal(-3),
        Decimal(5),
    )
    assert terms.holidays == {date(2026, 12, 25)}


def test_the_form_begins_with_the_terms_that_hold(world):
    terms = {"periods": [{"name": "night", "usd_per_mwh": "20", "when": {"begin": "22:00:00", "end": "06:00:00"}}]}
    PowerContract.objects.filter(site=world.pecos).update(kind="tou", terms=terms)
    assert "20 night @ 22:00-06:00" in text_of(by_session(world.bo).get(ADDRESS))


@pytest.mark.parametrize(
    ("changes", "words"),
    [
        ({"kind": "index"}, "An indexed contract names its market"),
        ({"kind": "tou"}, "has at least one period"),
        ({"kind": "tou", "periods": "85 day\nnoon 30"}, "Line 2:"),
        ({"demand_charges": "6500 20 month"}, "Line 1: expected a price, 5, 15, 30, 60 minutes"),
        ({"coincident_usd": "100", "coincident_when": "noonish"}, "noonish"),
        ({"block_mwh": "10"}, "A block has a price"),
        ({"export": "real_time"}, "Fed-in energy at an index needs its market"),
        ({"valid_from": "someday"}, "Enter a valid date"),
        ({"price_usd_per_mwh": "1e999"}, "Ensure that there are no more than"),
        ({"multiplier": "-1"}, "multiplier is below zero"),
        ({"holidays": "christmas"}, "is no day such as"),
    ],
)
def test_a_wrong_form_says_what_is_wrong_keeps_what_was_said_and_sets_nothing(world, changes, words):
    answer = signed_in_lately(world.bo).post(ADDRESS, form(**changes))
    assert answer.status_code == 400
    assert words in text_of(answer)
    assert "Permian Power" in text_of(answer)
    assert PowerContract.objects.filter(site=world.pecos).count() == 1


def test_a_preview_sets_nothing(world):
    answer = signed_in_lately(world.bo).post(ADDRESS, form(do="preview"))
    assert answer.status_code == 200
    assert "The last seven days under the terms in the form" in text_of(answer)
    assert PowerContract.objects.filter(site=world.pecos).count() == 1


def test_who_sees_the_site_reads_and_only_managers_change(world):
    ada, cy = signed_in_lately(world.ada), signed_in_lately(world.cy)
    assert "Another contract" not in text_of(ada.get(ADDRESS))
    for end, said in (("", form()), ("remove/", {"valid_from": "2027-01-01"}), ("solar/", {}), ("battery/", {})):
        assert ada.post(ADDRESS + end, said).status_code == 403
        assert cy.post(ADDRESS + end, said).status_code == 404
    assert cy.get(ADDRESS).status_code == 404


def test_what_has_held_stays_and_what_begins_later_may_be_taken_back(world):
    later = today_at(world.pecos) + timedelta(days=1)
    client = signed_in_lately(world.bo)
    client.post(ADDRESS, form(valid_from=f"{later}"))
    client.post(f"{ADDRESS}remove/", {"valid_from": "2025-01-01"})
    assert PowerContract.objects.filter(site=world.pecos).count() == 2
    client.post(f"{ADDRESS}remove/", {"valid_from": f"{later}"})
    assert PowerContract.objects.filter(site=world.pecos).count() == 1
    assert AuditEvent.objects.filter(verb="contract.removed").count() == 1


def test_setting_the_same_again_is_no_change(world):
    for _ in range(2):
        signed_in_lately(world.bo).post(ADDRESS, form())
    assert AuditEvent.objects.filter(verb="contract.set").count() == 1


def test_another_contract_from_the_same_day_takes_its_place(world):
    for usd in ("48.5", "51"):
        signed_in_lately(world.bo).post(ADDRESS, form(price_usd_per_mwh=usd))
    assert PowerContract.objects.get(site=world.pecos, valid_from=date(2027, 1, 1)).price_usd_per_mwh == Decimal(51)
    event = AuditEvent.objects.filter(verb="contract.set").last()
    assert (event.detail["before"]["price_usd_per_mwh"], event.detail["after"]["price_usd_per_mwh"]) == (
        "48.5",
        "51",
    )


def test_a_battery_keeps_what_it_said_of_its_charge(world):
    Battery.objects.create(
        site=world.pecos, capacity_mwh=10, charge_mw=5, discharge_mw=5, soc_mwh=4.0, soc_source="ems"
    )
    said = {f"battery-{name}": value for name, value in {
        "capacity_mwh": "12", "charge_mw": "6", "discharge_mw": "6", "eta_charge": "0.95", "eta_discharge": "0.95",
        "wear_usd_per_mwh": "9",
    }.items()}  # fmt: skip
    assert signed_in_lately(world.bo).post(f"{ADDRESS}battery/", said).status_code == 302
    row = Battery.objects.get()
    assert (row.capacity_mwh, row.soc_mwh, row.soc_source) == (Decimal(12), 4.0, "ems")
    assert AuditEvent.objects.get(verb="storage.set").detail["before"]["capacity_mwh"] == "10"


def test_another_name_is_another_battery_that_has_said_nothing_yet(world):
    Battery.objects.create(site=world.pecos, capacity_mwh=10, charge_mw=5, discharge_mw=5, soc_mwh=4.0)
    said = {f"battery-{name}": value for name, value in {
        "name": "north", "capacity_mwh": "2", "charge_mw": "1", "discharge_mw": "1", "eta_charge": "0.95",
        "eta_discharge": "0.95", "wear_usd_per_mwh": "9",
    }.items()}  # fmt: skip

    page = signed_in_lately(world.bo).post(f"{ADDRESS}battery/", said, follow=True).content.decode()

    rows = Battery.objects.order_by("name").values_list("name", "capacity_mwh", "soc_mwh")
    assert list(rows) == [("battery", Decimal(10), 4.0), ("north", Decimal(2), None)]
    assert "Battery: 10 MWh" in page
    assert "North: 2 MWh" in page


def test_what_no_battery_can_do_is_said(world):
    said = {f"battery-{name}": "2" for name in ("capacity_mwh", "charge_mw", "discharge_mw", "wear_usd_per_mwh")}
    answer = signed_in_lately(world.bo).post(
        f"{ADDRESS}battery/", said | {"battery-eta_charge": "1.2", "battery-eta_discharge": "1"}
    )
    assert answer.status_code == 400
    assert not Battery.objects.exists()


def test_a_programme_is_set_and_ended_under_its_name(world):
    said = {f"programme-{name}": value for name, value in {
        "name": "Emergency response", "baseline_mw": "18", "cap_mw": "18", "usd_per_mwh": "250", "notice_min": "10",
        "valid_from": "2026-06-01", "valid_until": "",
    }.items()}  # fmt: skip
    client = signed_in_lately(world.bo)
    client.post(f"{ADDRESS}programme/", said)
    client.post(f"{ADDRESS}programme/", said | {"programme-valid_until": "2026-09-30"})
    assert Programme.objects.get().valid_until == date(2026, 9, 30)
    wrong = client.post(f"{ADDRESS}programme/", said | {"programme-valid_until": "2026-01-01"})
    assert "It ends before it begins" in text_of(wrong)


def test_a_solar_plant_is_set(world):
    signed_in_lately(world.bo).post(f"{ADDRESS}solar/", {"solar-peak_mw": "5", "solar-yield_share": "0.7"})
    assert SolarPlant.objects.get().peak_mw == Decimal(5)


def test_the_verb_itself_asks_for_the_right(world):
    row = PowerContract(valid_from=date(2027, 1, 1), price_usd_per_mwh=Decimal(1))
    with pytest.raises(AgreementRefused, match="role"):
        agreements.set_contract(world.ada, world.pecos, row)


def test_rest_gives_what_the_page_shows(world):
    Battery.objects.create(site=world.pecos, capacity_mwh=10, charge_mw=5, discharge_mw=5)
    said = by_key(key_of(world.bo)).get("/api/v1/sites/PECOS/agreements/").json()
    assert said["contracts"][0]["price_usd_per_mwh"] == "45.5000"
    assert said["battery"]["capacity_mwh"] == "10.000"
    assert [one["name"] for one in said["batteries"]] == ["battery"]
    assert said["solar"] is None
    assert by_session(world.cy).get("/api/v1/sites/PECOS/agreements/").status_code == 404
