"""A token from the command line."""

from io import StringIO

import pytest
from django.core.management import CommandError, call_command

from tests.worlds import make_world

pytestmark = pytest.mark.django_db


def issue(*words: str) -> str:
    out = StringIO()
    call_command("issue_token", *words, stdout=out)
    return out.getvalue().strip()


def test_the_printed_key_opens_the_api_for_its_owners_sites(client):
    make_world()
    key = issue("--email", "ada@example.com", "--name", "cron")

    answer = client.get("/api/v1/sites/", headers={"Authorization": f"Bearer {key}"})

    assert [site["code"] for site in answer.json()["results"]] == ["PECOS"]


def test_nobody_of_that_address_is_one_sentence():
    with pytest.raises(CommandError, match=r"Nobody signs in as zoe@example.com\."):
        issue("--email", "zoe@example.com", "--name", "cron")


def test_a_token_that_holds_too_long_is_refused():
    make_world()
    with pytest.raises(CommandError, match="expires_at"):
        issue("--email", "ada@example.com", "--name", "cron", "--days", "400")
