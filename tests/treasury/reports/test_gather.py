"""A month out of the books, the telemetry and the meters, worked by hand."""

from datetime import UTC, date, datetime, timedelta
from decimal import Decimal

import pytest

from compute.models import Hindsight, Rollup
from compute.telemetry.upsert import SITE_SCOPE
from tests.treasury.closing.worlds import OCTOBER, close_october, have_texts, people
from tests.treasury.reports.test_publish import release
from tests.treasury.reports.worlds import draft_of
from tests.web.callers import by_session
from tests.worlds import make_world
from treasury.books.post import post
from treasury.closing.close import Refused, ask_to_reopen, reopen
from treasury.earnings.span import Month
from treasury.ledger.facts import Acquired, Moved, Origin, Place, Sold
from treasury.models import CostAmount, PriceMark, Restatement, StandingText
from treasury.reports import from_books, from_fleet, from_switching
from treasury.reports.changed import ask_all, ask_one
from treasury.reports.compose import compose
from treasury.reports.files import freeze, snapshot_of
from treasury.reports.gather import gathered
from treasury.reports.restating import allow

pytestmark = pytest.mark.django_db

D = Decimal
BTC = 100_000_000
SPAN = Month(OCTOBER)


def at(month, day):
    return datetime(2025, month, day, tzinfo=UTC)


def mined(name, month, day, sat, usd="1000.00"):
    return Acquired(at(month, day), 0, name, Origin.MINED, "cold", name, sat, D(usd))


def book_two_months():
    """September: 3 BTC. October: 2.123 BTC in two payouts, 1 BTC sold for 110,000 less 100, 0.5 BTC pledged."""
    facts = [
        mined("sep", 9, 10, 3 * BTC), mined("oct-1", 10, 5, 2 * BTC, "220000.00"), mined("oct-2", 10, 20, 12_300_000),
        Sold(at(10, 21), 0, "sale-1", "cold", BTC, D(110_000), D("100.00")),
        Moved(at(10, 22), 0, "pledge-1", Place("wallet", "cold"), Place("loan", "A"), BTC // 2),
    ]  # fmt: skip
    assert not post(facts, "test").refused


def observe(site, start, hours, deployed, ran, **counts):
    """Hours of a site, all alike."""
    moments = [start + timedelta(hours=hour) for hour in range(hours)]
    counted = {"expected": 240, "present": 216, "up": 192} | counts
    Rollup.objects.bulk_create(
        Rollup(resolution_s=3600, scope=SITE_SCOPE, scope_id=site.pk, start_at=moment, minutes=60,
               deployed_ths=deployed, hashrate_ths=ran, **counted)
        for moment in moments
    )  # fmt: skip


def test_bitcoin_of_a_month_with_the_entries_it_came_of():
    book_two_months()
    PriceMark.objects.create(source="kraken", at=datetime(2025, 10, 31, 23, 59, tzinfo=UTC), price_usd=D("110000.00"))

    found = from_books.facts(SPAN)

    shown = {code: found[code].shown for code in ("btc_produced", "btc_held", "btc_pledged", "btc_sold")}
    assert shown == {
        "btc_produced": D("2.12"), "btc_held": D("4.12"), "btc_pledged": D("0.50"), "btc_sold": D("1.00"),
    }  # fmt: skip
    assert found["btc_produced"].value == D("2.12300000")
    assert found["btc_produced"].lineage == ("entry:oct-1", "entry:oct-2")
    assert found["sale_proceeds_usd"].shown == D("109900")
    assert found["btc_nav_usd"].shown == D("453530")
    assert found["loan_debt_usd"].reason == "no loan is written down"


def test_hashrate_of_a_month_is_averaged_over_what_was_observed():
    world = make_world()
    observe(world.pecos, at(10, 1), 24, 30_000_000.0, 27_000_000.0)
    observe(world.pecos, at(10, 2), 24, 40_000_000.0, 27_000_000.0)
    observe(world.muscat, at(10, 1), 48, 10_000_000.0, 9_000_000.0)
    observe(world.ghost, at(10, 1), 48, 5_000_000.0, 5_000_000.0)

    months = from_fleet.site_months(SPAN)
    found = from_fleet.facts(SPAN, months)

    assert found["deployed_end_ehs"].shown == D("50.00")
    assert found["deployed_avg_ehs"].shown == D("45.00")
    assert found["operating_avg_ehs"].shown == D("36.00")
    assert found["operating_avg_ehs"].note == "2 sites, 6.45 % of the minutes observed"
    assert found["uptime_pct"].shown == D("80.00")
    assert found["lost_silent_pct"].shown == D("10.00")
    assert found["lost_outage_pct"].shown == D("10.00")
    assert found["lost_slow_pct"].shown == D("0.00")
    assert {part.name: part.operating_ehs.shown for part in from_fleet.parts(months)} == {
        "Middle East": D("9.00"), "North America": D("32.00"),
        "hosted": D("9.00"), "owned": D("27.00"), "partner": D("5.00"),
    }  # fmt: skip


def test_the_gain_of_switching_is_what_was_measured_over_everything_on():
    world, now = make_world(), datetime(2025, 11, 1, tzinfo=UTC)
    for day, earned in ((3, "5200.00"), (4, "4900.00")):
        Hindsight.objects.create(
            site=world.pecos, day=date(2025, 10, day), hours=24, earned_usd=D(earned), always_on_usd=D("4800.00"),
            made_at=now,
        )  # fmt: skip

    gain = from_switching.facts(SPAN)["switching_gain_usd"]

    assert (gain.shown, gain.note, gain.lineage) == (D(500), "48 site-hours of 1 sites", ("hindsight:PECOS",))
    assert from_switching.facts(Month(date(2025, 9, 1)))["switching_gain_usd"].value is None


def test_a_month_of_the_ledger_makes_a_report_that_ties():
    book_two_months()

    snapshot = compose(gathered("2025-10"))

    assert snapshot.roll_forward.ties == "exactly"
    assert snapshot.line("btc_produced").last.shown == D("3.00")
    assert snapshot.line("operating_avg_ehs").this.shown is None
    assert snapshot.line("sale_price_usd").this.shown == D("109900")


def test_a_month_before_the_books_is_refused():
    with pytest.raises(Refused, match="nothing is booked up to the end of 2025-10"):
        gathered("2025-10")


def test_a_published_figure_that_changed_is_only_printed_with_its_reason():
    cast = people()
    book_two_months()
    have_texts(cast)
    close_october(cast["ted"])
    release(freeze(gathered("2025-10"), cast["ines"]), cast)
    assert gathered("2025-11").restatements == []
    ask_to_reopen(OCTOBER, "a payout of the 31st came late", cast["ted"])
    reopen(OCTOBER, cast["tia"])
    post([mined("late", 10, 31, 30_000_000)], "test")

    with pytest.raises(Refused, match=r"2025-10 Bitcoin produced: 2.12 published, 2.42 now"):
        gathered("2025-11")
    assert ask_all(OCTOBER, "a payout of the 31st came late", cast["ines"]) == 3
    with pytest.raises(Refused, match="are not restated"):
        gathered("2025-11")
    for row in Restatement.objects.all():
        allow(row, cast["ted"])

    snapshot = snapshot_of(freeze(gathered("2025-11"), cast["ines"]))
    assert snapshot.line("btc_produced").last.shown == D("2.42")
    assert snapshot.line("btc_produced").restated.startswith("2025-10 restated from 2.12 to 2.42")


def published_october():
    cast = people()
    book_two_months()
    have_texts(cast)
    close_october(cast["ted"])
    release(freeze(gathered("2025-10"), cast["ines"]), cast)
    return cast


def test_a_figure_that_the_books_do_not_say_takes_evidence():
    cast = published_october()
    why = "a payout of the 31st was booked in November"

    with pytest.raises(Refused, match=r"the books say 2.12 now: name the evidence for another figure"):
        ask_one(OCTOBER, "btc_produced", D("2.42"), why, cast["ines"])
    with pytest.raises(Refused, match="the figure is what was published"):
        ask_one(OCTOBER, "btc_produced", D("2.12"), why, cast["ines"])
    allow(ask_one(OCTOBER, "btc_produced", D("2.42"), why, cast["ines"], "adjustment  payout-31"), cast["ted"])

    with pytest.raises(Refused, match=r"per day: 0\.07 published, 0\.08 now"):
        gathered("2025-11")
    assert ask_all(OCTOBER, why, cast["ines"]) == 1
    allow(Restatement.objects.get(ruled_at=None), cast["ted"])
    snapshot = snapshot_of(draft_of(gathered("2025-11"), cast["ines"]))
    assert snapshot.line("btc_produced").last.shown == D("2.42")
    assert snapshot.restatements[1].reason == f"{why} (evidence: adjustment payout-31)"


def test_a_figure_that_was_not_reported_is_restated_to_a_number():
    cast = published_october()
    why = "the meters were read by hand"

    page = by_session(cast["ines"]).get("/treasury/reports/2025-10/").content.decode()
    assert '<option value="energy_mwh">Energy used: not reported' in page
    allow(ask_one(OCTOBER, "energy_mwh", D(71_000), why, cast["ines"], "readings of 1 November"), cast["ted"])

    line = snapshot_of(draft_of(gathered("2025-11"), cast["ines"])).line("energy_mwh")
    assert line.last.shown == D(71_000)
    assert line.restated.startswith("2025-10 restated from not reported to 71,000: the meters were read by hand")


def test_only_approved_texts_stand_in_a_report():
    book_two_months()
    now = datetime(2025, 11, 1, tzinfo=UTC)

    def text(version, words, **more):
        return StandingText.objects.create(
            kind="policy", version=version, text=words, written_by="ines", written_by_id=1, written_at=now, **more
        )

    text(1, "We do not intend to sell.", approved_by="ted", approved_by_id=2, approved_at=now)
    text(2, "We may sell.")
    text(3, "Only in December.", month=date(2025, 12, 1), approved_by="ted", approved_by_id=2, approved_at=now)

    assert [(one.version, one.text, one.approver) for one in gathered("2025-10").statements] == [
        (1, "We do not intend to sell.", "ted")
    ]


def test_a_figure_of_the_ledger_opens_to_its_entries():
    cast = people()
    book_two_months()
    freeze(gathered("2025-10"), cast["ines"])

    page = by_session(cast["ted"]).get("/treasury/reports/2025-10/1/figures/btc_produced/").content.decode()

    assert "entry:oct-1" in page
    assert "5 Oct 2025 00:00 UTC, mined: +2.00000000 BTC Wallet:cold; by test" in page


def test_a_figure_that_was_published_two_months_ago_still_stands_in_the_months_of_a_report():
    """Credits for power are told by the day, not by the books: older months are gathered with them, too."""
    cast = people()
    book_two_months()
    CostAmount.objects.create(
        source_id="oct/credit", month=OCTOBER, item="grid", kind="credit", amount_usd=D(410_000), actor="ted"
    )
    have_texts(cast)
    close_october(cast["ted"])
    release(draft_of(gathered("2025-10"), cast["ines"]), cast)
    post([mined("dec", 12, 5, BTC)], "test")

    december = gathered("2025-12")

    assert december.facts["2025-10"]["power_credits_usd"].shown == D("410000")
