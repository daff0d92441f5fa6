"""Rounds over rules on the real database."""

from datetime import timedelta
from decimal import Decimal

import pytest

from cango_ops.alerts.acknowledge import acknowledge
from cango_ops.alerts.models import Alert, AlertEvent, AlertSetting
from cango_ops.alerts.refusal import Refused
from cango_ops.alerts.rules import CRITICAL
from cango_ops.alerts.silencing import end, silence
from cango_ops.base import leases
from cango_ops.base.models import AuditEvent, JobRun
from cango_ops.live.models import LiveTopic
from tests.alerts.rules import HEAT, LINK, SLOW, Little, finding, later, standing
from tests.worlds import make_user

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def little():
    return Little([finding()])


def kinds() -> list[str]:
    return list(AlertEvent.objects.values_list("kind", flat=True))


def seq() -> int:
    return LiveTopic.objects.filter(topic="alerts").values_list("seq", flat=True).first() or 0


def test_what_a_rule_finds_becomes_an_alert_with_its_price(little):
    little.says(usd_per_h=Decimal("412.50"), usd_why="")

    little.round()

    alert = Alert.objects.get()
    assert (alert.state, alert.place, alert.usd_per_h) == ("firing", "PECOS", Decimal("412.50"))
    assert alert.fired_at == alert.round_at
    assert kinds() == ["fired"]


def test_a_second_round_over_the_same_world_changes_nothing_and_wakes_nobody(little):
    little.round()
    before, told = Alert.objects.values().get(), seq()

    little.round()

    after = Alert.objects.values().get()
    assert before.pop("judged_at") < after.pop("judged_at")
    assert before == after
    assert kinds() == ["fired"]
    assert seq() == told


def test_it_waits_for_its_time_and_fires_then():
    little = Little([finding(SLOW)])
    little.round()
    assert standing() == [("site/PECOS", "pending")]
    later(61)

    little.round()

    assert standing() == [("site/PECOS", "firing")]


def test_what_never_fired_leaves_no_trace():
    little = Little([finding(SLOW)])
    little.round()
    little.found.clear()

    little.round()

    assert standing() == []


def test_it_resolves_once_the_condition_is_gone(little):
    little.round()
    little.found.clear()

    little.round()

    assert standing() == [("site/PECOS", "resolved")]
    assert kinds() == ["fired", "resolved"]


def test_inputs_that_are_stale_never_resolve_it(little):
    little.round()
    little.found.clear()
    little.unknown.add(("heat", "site/PECOS"))

    little.round()

    assert standing() == [("site/PECOS", "firing")]


def test_a_check_that_fails_leaves_its_alerts_as_they_were_and_says_so(little):
    little.round()
    little.fails = True

    little.round()

    assert standing() == [("site/PECOS", "firing")]
    run = JobRun.objects.filter(name="alerts.evaluate").first()
    assert (run.outcome, run.detail["why"]) == ("failed", "not judged: little")


def test_what_comes_back_soon_is_the_same_alert(little):
    little.round()
    found = list(little.found)
    little.found.clear()
    little.round()
    later(300)
    little.found.extend(found)

    little.round()

    alert = Alert.objects.get()
    assert (alert.state, alert.reopened, alert.round) == ("firing", 1, 2)
    assert kinds() == ["fired", "resolved", "reopened"]


def test_what_comes_back_much_later_is_another(little):
    little.round()
    found = list(little.found)
    little.found.clear()
    little.round()
    later(1000)
    little.found.extend(found)

    little.round()

    assert standing() == [("site/PECOS", "resolved"), ("site/PECOS", "firing")]


def test_a_price_that_moves_much_wakes_browsers_and_one_that_moves_little_does_not(little):
    little.says(usd_per_h=Decimal(100))
    little.round()
    told = seq()
    little.says(usd_per_h=Decimal(105))
    little.round()
    assert seq() == told
    assert Alert.objects.get().usd_per_h == 105

    little.says(usd_per_h=Decimal(150))
    little.round()

    assert seq() > told


def test_one_takes_it_and_the_other_is_told_who(little):
    little.round()
    ada, bo = make_user("Ada"), make_user("Bo")
    acknowledge(Alert.objects.get(), ada, "on my way")

    with pytest.raises(Refused, match="it was taken by ada"):
        acknowledge(Alert.objects.get(), bo)
    acknowledge(Alert.objects.get(), ada)

    assert kinds() == ["fired", "acknowledged"]
    assert AuditEvent.objects.get().verb == "alert.acknowledged"


def test_what_somebody_has_calls_anew_once_it_grows_worse(little):
    little.round()
    acknowledge(Alert.objects.get(), make_user("Ada"))
    little.says(severity=CRITICAL)

    little.round()

    alert = Alert.objects.get()
    assert (alert.state, alert.acknowledged_by, alert.round) == ("firing", None, 2)


def test_a_lost_link_takes_the_alerts_of_its_site_with_it_and_gives_them_back(little):
    little.round()
    little.found.append(finding(LINK))
    little.unknown.add(("heat", "site/PECOS"))
    little.found.pop(0)

    little.round()

    heat, link = Alert.objects.order_by("pk")
    assert (heat.covered_by, link.covered_by) == (link, None)
    little.found, little.unknown = [finding()], set()
    little.round()
    assert Alert.objects.get(rule=HEAT.name).covered_by is None


def test_a_silence_shows_and_ends_by_itself_with_a_new_round(little):
    little.round()
    ada = make_user("Ada")
    silence(Alert.objects.get(), ada, "fan is being changed", timedelta(hours=2))
    assert Alert.objects.get().silenced_until is not None

    later(7201)
    little.round()

    alert = Alert.objects.get()
    assert (alert.silenced_until, alert.round) == (None, 2)
    assert kinds() == ["fired", "silenced", "silence over"]


def test_what_begins_during_a_silence_of_its_site_is_silent():
    little = Little([finding()])
    little.round()
    silence(Alert.objects.get(), make_user("Ada"), "works", timedelta(hours=2), whole_site=True)
    little.found.append(finding(SLOW))
    little.round()
    later(61)

    little.round()

    assert Alert.objects.get(rule=SLOW.name).silenced_until is not None


def test_a_silence_that_is_ended_by_hand_speaks_at_once(little):
    little.round()
    ada = make_user("Ada")
    made = silence(Alert.objects.get(), ada, "works", timedelta(hours=2))

    assert end(made, ada)

    assert Alert.objects.get().silenced_until is None
    assert not end(made, ada)


@pytest.mark.parametrize(("reason", "hours"), [("", 1), ("why", 24 * 8), ("why", 0)])
def test_a_silence_has_a_reason_and_an_end_within_a_week(little, reason, hours):
    little.round()

    with pytest.raises(Refused):
        silence(Alert.objects.get(), make_user("Ada"), reason, timedelta(hours=hours))


def test_a_rule_that_is_switched_off_at_a_site_lets_its_alert_go(little):
    little.round()
    AlertSetting.objects.create(rule="heat", site_id=1, is_on=False)

    little.round()

    assert standing() == [("site/PECOS", "resolved")]


def test_only_one_process_evaluates_at_a_time(little):
    assert leases.take("alerts/evaluate", 60) is not None

    little.round()

    assert standing() == []
    assert JobRun.objects.get().outcome == "skipped"
