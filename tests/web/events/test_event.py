"""How events become marks of a chart."""

from datetime import UTC, datetime, timedelta

from cango_ops.web.events.event import Event, marks

NOON = datetime(2026, 11, 20, 12, tzinfo=UTC)
DAY = timedelta(hours=24)


def event(minutes, kind="alert", **more):
    return Event(kind, NOON + timedelta(minutes=minutes), "PECOS", f"{kind} {minutes}", f"/{kind}/{minutes}/", **more)


def test_events_far_apart_are_marks_of_their_own():
    found = marks([event(70), event(0, "note")], NOON, NOON + DAY)

    assert [(one.name, one.at) for one in found] == [
        ("note: note 0", NOON), ("alert: alert 70", NOON + timedelta(minutes=70))
    ]  # fmt: skip


def test_many_at_once_are_one_mark_that_says_how_many_of_what():
    crowd = [event(1), event(2), event(3, "note"), event(0, "command")]

    (mark,) = marks(crowd, NOON, NOON + DAY)

    assert mark.name == "2 alerts, 1 wave of commands, 1 note"
    assert mark.at == NOON
    assert mark.gravest.kind == "alert"


def test_of_alerts_in_one_mark_the_critical_one_gives_its_colour():
    (mark,) = marks([event(1, tone="warning"), event(2, tone="critical"), event(0, "hold")], NOON, NOON + DAY)

    assert (mark.gravest.tone, mark.kinds) == ("critical", "alert:2,hold:1")


def test_however_many_there_are_the_marks_are_few_and_hold_them_all():
    crowd = [event(minutes) for minutes in range(1440)]

    found = marks(crowd, NOON, NOON + DAY, 24)

    assert len(found) == 24
    assert sum(len(one.events) for one in found) == 1440
    assert found[0].more == 60 - 8


def test_what_began_before_the_range_stands_at_its_beginning():
    (mark,) = marks([event(-90, "window", lasts=True)], NOON, NOON + DAY)

    assert mark.at == NOON
    assert mark.events[0].at == NOON - timedelta(minutes=90)


def test_no_events_are_no_marks():
    assert marks([], NOON, NOON + DAY) == []
