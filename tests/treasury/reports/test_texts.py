"""Policy sentences and quotes are versions that one person writes and another approves."""

import pytest
from django.db import DatabaseError, transaction

from tests.treasury.closing.worlds import OCTOBER, people
from tests.web.callers import by_session
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


def approved(cast, words, **more):
    texts.approve(texts.write("policy", words, cast["ines"], **more), cast["ted"])


def test_a_translation_stands_beside_the_english_text(cast):
    approved(cast, "We do not intend to sell.")
    approved(cast, "Nous ne prévoyons pas de vendre.", language="fr")

    assert {one.language: one.text for one in standing_texts(OCTOBER)} == {
        "en": "We do not intend to sell.", "fr": "Nous ne prévoyons pas de vendre.",
    }  # fmt: skip
    assert texts.not_translated(OCTOBER) == {"it": ["policy"], "zh": ["policy"]}


def test_a_translation_of_words_that_english_replaced_is_not_printed(cast):
    approved(cast, "We do not intend to sell.")
    approved(cast, "Nous ne prévoyons pas de vendre.", language="fr")
    approved(cast, "We may sell to lower debt.")

    assert said() == [("policy", 2, "We may sell to lower debt.", "")]
    page = by_session(cast["ines"]).get("/treasury/reports/2025-10/").content.decode()
    assert "outdated: the English text is newer" in page
    assert "French: policy; Italian: policy; Chinese: policy" in page

    approved(cast, "Nous pourrions vendre pour réduire la dette.", language="fr")

    assert {one.language: one.version for one in standing_texts(OCTOBER)} == {"en": 2, "fr": 2}


def test_a_translation_needs_words_to_translate(cast):
    with pytest.raises(Refused, match="in English first"):
        texts.write("policy", "Nous pourrions vendre.", cast["ines"], language="fr")


def test_the_page_writes_a_text_in_the_language_that_was_chosen_and_shows_all_of_it(cast):
    texts.write("about", "We mine.", cast["ines"])
    words = " ".join(["Nous minons du Bitcoin sur des sites du monde entier"] * 5) + " fin"
    asked = {"kind": "about", "language": "fr", "text": words}

    page = by_session(cast["ines"]).post("/treasury/reports/2025-10/do/write-text/", asked, follow=True)

    assert StandingText.objects.get(language="fr").text == words
    assert words in page.content.decode()
