"""Policy sentences and quotes are versions that one person writes and another approves."""

import pytest
from django.db import DatabaseError, transaction

from tests.treasury.closing.worlds import OCTOBER, people
from treasury.closing.close import Refused
from treasury.models import StandingText
from treasury.reports import texts
from treasury.reports.gather import standing_texts

pytestmark = pytest.mark.django_db


@pytest.fixture
def cast():
    return people()


@pytest.mark.parametrize("letter", ["\x07", "\x1b", "\x0b", "\ud800", "\ue000", "\uffff"])
def test_what_no_document_can_print_is_refused_at_the_door(cast, letter):
    with pytest.raises(Refused, match="characters that cannot be printed"):
        texts.write("policy", f"We hold{letter} our coins.", cast["ines"])
    assert not StandingText.objects.exists()


def said():
    return [(one.kind, one.version, one.text, one.speaker) for one in standing_texts(OCTOBER)]


def test_a_policy_stands_once_another_person_approved_it(cast):
    row = texts.write("policy", "We do not currently intend to sell.", cast["ines"])
    with pytest.raises(Refused, match="of their own"):
        texts.approve(row, cast["ines"])
    assert said() == []

    texts.approve(row, cast["ted"])

    assert said() == [("policy", 1, "We do not currently intend to sell.", "")]


def test_a_new_version_replaces_the_old_one_and_leaves_it_written(cast):
    for text in ("We do not intend to sell.", "We may sell to lower debt."):
        texts.approve(texts.write("policy", text, cast["ines"]), cast["ted"])

    assert said() == [("policy", 2, "We may sell to lower debt.", "")]
    with pytest.raises(DatabaseError, match="never changed"), transaction.atomic():
        StandingText.objects.update(text="We never said that.")


def test_a_quote_names_its_speaker(cast):
    with pytest.raises(Refused, match="names its speaker"):
        texts.write("quote", "A good month.", cast["ines"])
    row = texts.write("quote", "A good month.", cast["ines"], month=OCTOBER, speaker="Chief executive officer")
    texts.approve(row, cast["ian"])

    assert said() == [("quote", 1, "A good month.", "Chief executive officer")]
    with pytest.raises(Refused, match="approved already"):
        texts.approve(row, cast["ted"])


def test_only_investor_relations_write(cast):
    with pytest.raises(Refused, match="no right"):
        texts.write("policy", "We may sell.", cast["ted"])
