"""The one shape of every refusal."""

import logging

import pytest
from django.core.exceptions import PermissionDenied, SuspiciousOperation
from django.db import InterfaceError, OperationalError
from django.http import Http404
from psycopg.errors import AdminShutdown, QueryCanceled
from rest_framework import exceptions

from cango_ops.base.problems import BadParameter, Conflict, answer_with_problem, describe


def caused(error: Exception, cause: Exception) -> Exception:
    error.__cause__ = cause
    return error


@pytest.mark.parametrize(
    ("error", "status", "code"),
    [
        (Http404("site 7 of another tenant"), 404, "not_found"),
        (exceptions.NotFound(), 404, "not_found"),
        (PermissionDenied(), 403, "permission_denied"),
        (SuspiciousOperation("x"), 400, "bad_request"),
        (BadParameter("limit", "is too high."), 400, "bad_parameter"),
        (Conflict("It was approved already."), 409, "conflict"),
        (exceptions.NotAuthenticated(), 401, "not_authenticated"),
        (exceptions.MethodNotAllowed("PUT"), 405, "method_not_allowed"),
        (exceptions.ParseError(), 400, "parse_error"),
        (exceptions.Throttled(12.2), 429, "throttled"),
        (caused(OperationalError("canceling statement"), QueryCanceled("x")), 503, "too_slow"),
        (RuntimeError("the password is hunter2"), 500, "unforeseen"),
    ],
)
def test_every_exception_has_its_status_and_a_word_for_programs(error, status, code):
    body, _ = describe(error)

    assert (body["status"], body["code"]) == (status, code)
    assert body["title"]
    assert body["detail"]


def test_a_missing_thing_says_nothing_of_what_was_looked_for():
    assert "another tenant" not in str(describe(Http404("site 7 of another tenant")))


def test_a_wrong_parameter_is_named_however_deep_it_stands():
    error = exceptions.ValidationError({"site": {"code": ["Too long."]}, "non_field_errors": ["Not both."]})

    body, _ = describe(error)

    assert body["parameters"] == [{"name": "site.code", "reason": "Too long."}, {"name": "", "reason": "Not both."}]
    assert body["detail"] == "site.code: Too long. Not both."


def test_an_unforeseen_error_gives_an_id_and_keeps_its_text_for_the_log(caplog):
    with caplog.at_level(logging.ERROR):
        body, _ = describe(RuntimeError("the password is hunter2"))

    assert "hunter2" not in str(body)
    assert body["id"] in caplog.text
    assert "hunter2" in caplog.text


@pytest.mark.parametrize(
    ("error", "headers"),
    [
        (exceptions.Throttled(12.2), {"Retry-After": "13"}),
        (caused(OperationalError("x"), QueryCanceled("x")), {"Retry-After": "5"}),
        (Http404(), {}),
    ],
)
def test_whoever_should_come_back_is_told_when(error, headers):
    assert describe(error)[1] == headers


@pytest.mark.parametrize(
    "error",
    [
        OperationalError("the connection is lost"),
        InterfaceError("connection already closed"),
        caused(OperationalError("x"), AdminShutdown("x")),
    ],
)
def test_a_database_that_is_away_is_left_to_the_middleware(error):
    assert answer_with_problem(error, {"request": None}) is None


def test_a_problem_needs_no_request():
    answer = answer_with_problem(Http404(), {"request": None})

    assert answer.status_code == 404
