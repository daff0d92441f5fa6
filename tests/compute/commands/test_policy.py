from decimal import Decimal

import pytest

from compute.commands.policy import Limits, Wish, rule

AUTOMATIC = Limits("automatic", max_kw=500, max_hours=4, max_usd=Decimal(1000), two_person_above_kw=2000)


def approvals(limits, **wish):
    return rule(limits, Wish(**wish)).approvals


def test_advice_alone_never_runs():
    assert approvals(Limits("advise"), kw=1) is None


def test_people_approve_where_the_site_says_so():
    assert approvals(Limits("approve"), kw=1) == 1


def test_within_all_limits_it_runs_by_itself():
    assert approvals(AUTOMATIC, kw=500, hours=4, risk_usd=Decimal(1000)) == 0


@pytest.mark.parametrize(
    ("change", "why"),
    [
        ({"kw": 501}, "above 500 kW an approval is needed"),
        ({"hours": 4.1}, "above 4 h an approval is needed"),
        ({"hours": None}, "without an end in hours an approval is needed"),
        ({"risk_usd": Decimal("1000.01")}, "above $1,000 at risk an approval is needed"),
        ({"risk_usd": None}, "what it may cost is not known, so an approval is needed"),
        ({"is_held": True}, "a hold stands: nothing runs without an approval"),
    ],
)
def test_one_limit_broken_or_not_known_takes_an_approval(change, why):
    wish = {"kw": 400, "hours": 2, "risk_usd": Decimal(10)} | change
    ruling = rule(AUTOMATIC, Wish(**wish))
    assert (ruling.approvals, ruling.why) == (1, why)


@pytest.mark.parametrize("mode", ["approve", "automatic"])
def test_above_the_two_person_limit_two_approve_whatever_the_mode(mode):
    limits = Limits(mode, max_kw=9000, max_hours=24, max_usd=Decimal(10**6), two_person_above_kw=2000)
    assert approvals(limits, kw=2000.1, hours=1, risk_usd=Decimal(0)) == 2
    assert approvals(limits, kw=2000, hours=1, risk_usd=Decimal(0)) == (1 if mode == "approve" else 0)
