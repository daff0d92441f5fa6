"""The page of embargoes and insiders, and the wall around figures that are not released: pages, REST, exports."""

from datetime import timedelta

import pytest
from django.test import Client

from cango_ops.base import clock
from sites.models import Operator, Role
from tests.treasury.proposals.worlds import WHY, allowed, ask, forbid
from tests.treasury.web.worlds import member
from tests.web.callers import by_key, by_session, by_sure_session, key_of
from treasury.models import BooksRead, EmbargoWindow, Insider
from treasury.proposals import insiders

pytestmark = pytest.mark.django_db

HOME = "/treasury/embargo/"


def do(user, deed, **words):
    said = by_sure_session(user).post(f"{HOME}do/{deed}/", words, follow=True).content.decode()
    return said.replace("&#x27;", "'")


def test_a_window_is_set_shown_and_lifted_by_two(cast):
    ends = f"{clock.now() + timedelta(days=3):%Y-%m-%dT%H:%M}"
    window = {"kind": "blackout", "binds": "insiders", "starts_at": "2026-01-01T00:00", "ends_at": ends, "words": WHY}
    assert "Blackout until" in do(cast["ines"], "forbid", **window)
    page = by_session(cast["ted"]).get(HOME).content.decode()
    assert "Embargo: Blackout, until" in page
    assert "It binds you." in page
    number = EmbargoWindow.objects.get().pk

    assert "Another person may now lift it." in do(cast["ines"], "ask", window=number, words="the figures are out")
    assert "it takes another person" in do(cast["ines"], "lift", window=number)
    assert "It is lifted." in do(cast["ted"], "lift", window=number)
    assert "No embargo: coins may be sold" in by_session(cast["ted"]).get(HOME).content.decode()


@pytest.mark.parametrize(
    ("change", "why"),
    [
        ({"ends_at": "soon"}, "the end is no instant"),
        ({"starts_at": ""}, "the beginning is no instant"),
        ({"kind": "whim"}, "it is no blackout"),
        ({"ends_at": "2026-01-02T00:00"}, "in the future"),
        ({"words": "so"}, "say why, in 8 to 500 letters"),
    ],
)
def test_a_window_that_cannot_be_is_told_and_not_set(cast, change, why):
    ends = f"{clock.now() + timedelta(days=3):%Y-%m-%dT%H:%M}"
    window = {"kind": "blackout", "binds": "insiders", "starts_at": "2026-01-01T00:00", "ends_at": ends, "words": WHY}

    said = do(cast["ines"], "forbid", **(window | change))
    assert "Not done: " in said
    assert why in said
    assert not EmbargoWindow.objects.exists()


def test_who_is_on_the_list_is_said_and_changed_on_the_page(cast):
    assert "No list is kept" in by_session(cast["ines"]).get(HOME).content.decode()

    assert "tia@example.com is on the insiders' list." in do(cast["ines"], "enlist", who=cast["tia"].pk, words=WHY)
    assert "ann@example.com is on the insiders' list." in do(cast["ines"], "enlist", who=cast["ann"].pk, words=WHY)
    row = Insider.objects.get(user=cast["tia"])
    assert "tia@example.com is off the insiders' list." in do(cast["ines"], "delist", row=row.pk, words=WHY)

    page = by_session(cast["ines"]).get(HOME).content.decode()
    assert "Formerly on it" in page
    assert by_session(cast["ines"]).post(f"{HOME}do/delist/").status_code == 302
    assert by_sure_session(cast["ines"]).post(f"{HOME}do/enlist/", {"who": cast["vic"].pk}).status_code == 404


def test_strangers_see_and_do_nothing(cast):
    partner = Operator.objects.create(code="partner", name="Partner Mining")
    for stranger in (cast["vic"], member("Cy", Role.TREASURER, operator=partner)):
        assert by_session(stranger).get(HOME).status_code == 403
        assert by_sure_session(stranger).post(f"{HOME}do/forbid/").status_code == 403
        assert by_session(stranger).get("/api/v1/treasury/embargo/").status_code == 403
    assert Client().get(HOME).status_code == 302
    assert by_session(cast["ted"]).post(f"{HOME}do/dance/").status_code == 404


def test_rest_tells_windows_exceptions_and_the_list(cast):
    insiders.enlist(cast["ted"], WHY, cast["ines"])
    forbid(cast["ines"])
    exception = allowed(cast)

    found = by_key(key_of(cast["ted"])).get("/api/v1/treasury/embargo/").json()

    assert [(one["words"], one["binds"]) for one in found["windows"]] == [("Blackout", "insiders")]
    assert [(one["proposal"], one["sale"], one["maker"]) for one in found["exceptions"]] == [
        (exception.pk, None, "ted@example.com")
    ]
    assert [one["who"] for one in found["insiders"]] == ["ted@example.com"]


def test_an_open_sale_and_its_form_say_what_forbids_them(cast):
    row = ask(cast["ted"])
    forbid(cast["ines"])
    ted, form = by_session(cast["ted"]), {"kind": "sale", "wallet": "hot", "sat": "1"}

    assert "this sale has no exception" in ted.get(f"/treasury/proposals/{row.pk}/").content.decode()
    assert (
        "a sale takes an exception that two others allow" in ted.get("/treasury/proposals/new/", form).content.decode()
    )


# The wall.

PAGES = (
    "/treasury/", "/treasury/panel/", "/treasury/value/", "/treasury/stress/", "/treasury/ai/", "/treasury/production/",
    "/treasury/wallets/", "/treasury/proposals/", "/treasury/proposals/export.csv", "/treasury/addresses/",
    "/treasury/policy/", "/treasury/loans/A/", "/treasury/access/", "/treasury/access/export.csv", "/treasury/reports/",
    "/treasury/reports/2025-10/", "/treasury/reports/subscribers/", "/treasury/reports/2025-10/access/",
)  # fmt: skip
REST = (
    "", "balances/", "rollforward/?from=2026-01-01&to=2026-02-01&source=x", "reports/", "reports/2025-10/",
    "restatements/", "releases/", "reports/2025-10/reads/", "value/", "shares/", "costs/", "ai/", "stress/",
    "proposals/", "addresses/", "policy/", "loans/A/interest/", "production/", "payouts/", "breaks/", "wallets/",
    "embargo/",
)  # fmt: skip


def test_off_the_list_no_page_no_answer_and_no_export_shows_a_figure_and_on_it_every_look_is_logged(cast):
    insiders.enlist(cast["tia"], WHY, cast["ines"])
    ted, key = by_session(cast["ted"]), by_key(key_of(cast["ted"]))

    for address in PAGES:
        assert ted.get(address).status_code in (403, 404), address
    for part in REST:
        assert key.get(f"/api/v1/treasury/{part}").status_code in (403, 404), part
        assert ted.get(f"/api/v1/treasury/{part}").status_code in (403, 404), part
    assert not BooksRead.objects.filter(who_id=cast["ted"].pk).exists()
    assert ted.get(HOME).status_code == 200

    assert by_session(cast["tia"]).get("/treasury/").status_code == 200
    assert BooksRead.objects.filter(who_id=cast["tia"].pk, what="/treasury/").exists()


def test_the_overview_the_rail_and_the_alerts_keep_to_the_list(cast):
    assert 'href="/treasury/"' in by_session(cast["ted"]).get("/alerts/").content.decode()
    insiders.enlist(cast["tia"], WHY, cast["ines"])

    assert 'href="/treasury/"' not in by_session(cast["ted"]).get("/alerts/").content.decode()
    assert 'href="/treasury/"' in by_session(cast["tia"]).get("/alerts/").content.decode()


def test_who_may_not_see_may_not_propose_on_a_page(cast):
    row = ask(cast["ted"], "release", loan="A", wallet="hot", sat=1)
    insiders.enlist(cast["tia"], WHY, cast["ines"])

    for address in (f"/treasury/proposals/{row.pk}/do/withdraw/", "/treasury/proposals/ask/"):
        assert by_session(cast["ted"]).post(address, {}).status_code == 403
