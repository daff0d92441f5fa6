"""Forms that cannot be taken: the page says so and leads back to where they were sent from."""

import pytest
from django.test import RequestFactory

from cango_ops.web.errors import bad_request, csrf_failure, server_error

PAGE = "http://testserver/treasury/production/?operator=cango"


@pytest.mark.parametrize(
    ("answer", "title"),
    [
        (lambda form: bad_request(form, ValueError("expected a file.")), "This form is not understood"),
        (csrf_failure, "This form is too old"),
        (server_error, "This failed"),
    ],
)
def test_what_takes_a_form_leads_back_to_the_page_of_the_form(answer, title):
    form = RequestFactory().post("/treasury/production/statement/", headers={"host": "testserver", "referer": PAGE})

    page = answer(form).content.decode()

    assert f"<h1>{title}</h1>" in page
    assert 'href="/treasury/production/?operator=cango"' in page


@pytest.mark.parametrize(
    "sent_from", ["", "https://elsewhere.example/treasury/", "//elsewhere.example/", "http://[", "http://testserver"]
)
def test_nobody_is_led_to_another_place(sent_from):
    form = RequestFactory().post("/hold/press/", headers={"host": "testserver", "referer": sent_from})

    page = bad_request(form, ValueError("expected a scope.")).content.decode()

    assert "elsewhere" not in page
    assert 'href="/"' in page


def test_a_path_that_looks_like_a_host_stays_a_path():
    sent_from = {"host": "testserver", "referer": "http://testserver//elsewhere.example/"}

    page = csrf_failure(RequestFactory().post("/hold/press/", headers=sent_from)).content.decode()

    assert 'href="/elsewhere.example/"' in page


def test_a_page_asked_wrongly_leads_to_itself():
    page = bad_request(RequestFactory().get("/treasury/stress/?rate=x"), ValueError("rate is no number.")).content

    assert b'href="/treasury/stress/"' in page
