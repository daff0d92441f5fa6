"""The API against its own description, asked at random as each role: no server error, nothing undescribed.

FUZZ_EXAMPLES=2000 asks longer than the few examples of an ordinary run.
"""

import os
import re
import time
from datetime import timedelta

import pytest
import schemathesis
from django.core.signals import request_finished, request_started
from django.core.wsgi import get_wsgi_application
from django.db import close_old_connections
from django.utils import timezone
from hypothesis import HealthCheck, settings
from schemathesis.specs.openapi.checks import positive_data_acceptance

from cango_ops.web.api_root import Written
from compute.models import Device
from compute.telemetry import sitemap, store
from sites.models import ApiToken, Membership, Role
from tests.compute.telemetry.sweeps import heard, machine, mining, silent
from tests.web.callers import key_of
from tests.worlds import make_user, make_world

pytestmark = pytest.mark.django_db

EXAMPLES = int(os.environ.get("FUZZ_EXAMPLES", "2"))


@pytest.fixture(autouse=True)
def one_connection():
    """The requests run in the test's own transaction, so none of them may close the connection."""
    for signal in (request_started, request_finished):
        signal.disconnect(close_old_connections)
    yield
    for signal in (request_started, request_finished):
        signal.connect(close_old_connections)


@pytest.fixture(autouse=True)
def no_limits(settings):
    settings.API_LIMITS = dict.fromkeys(settings.API_LIMITS, 10_000_000)


def sign_ins(world) -> dict[str, dict[str, str]]:
    """The headers with which each role signs in."""
    keys = {"partner": key_of(world.cy), "expired": key_of(world.bo)}
    ApiToken.objects.filter(user=world.bo).update(expires_at=timezone.now() - timedelta(seconds=1))
    for role in Role.values:
        person = make_user(role)
        Membership.objects.create(user=person, role=role)
        keys[role] = key_of(person)
    return {"nobody": {}} | {role: {"Authorization": f"Bearer {key}"} for role, key in keys.items()}


REAL: dict[str, object] = {}
VALID = {"id": "[0-9]{1,18}", "code": r"[-\w]{1,16}", "prefix": "[0-9A-Za-z]{12}"}


def described(*, coverage: bool):
    """The description. coverage: also every boundary of every parameter, which is many requests."""
    schema = schemathesis.openapi.from_dict(Written.written())
    schema.app = get_wsgi_application()
    schema.config.phases.coverage.enabled = coverage

    @schema.hook
    def map_path_parameters(context, path_parameters):
        """Every other id that chance makes becomes the real one of a thing at Pecos."""
        for name, value in (path_parameters or {}).items():
            known = VALID.get(name)
            if known and isinstance(value, str) and len(value) % 2 and re.fullmatch(known, value, re.ASCII):
                path_parameters[name] = REAL["container" if "containers/{id}" in context.operation.path else name]
        return path_parameters

    return schema


@pytest.fixture
def roles():
    world = make_world()
    sitemap.forget()
    polls = [heard(machine(world.c1, slot), time.time() - 5, mining(), full=True) for slot in (1, 2, 3)]
    store.write(world.pecos.pk, [*polls, silent(machine(world.c1, 4), time.time() - 5)])
    key_of(world.ada)
    REAL["code"], REAL["prefix"] = "PECOS", ApiToken.objects.get(user=world.ada).prefix
    REAL["id"] = str(Device.objects.get(container=world.c1, slot=1).pk)
    REAL["container"] = str(world.c1.pk)
    return sign_ins(world)


few = settings(max_examples=EXAMPLES, deadline=None, suppress_health_check=list(HealthCheck), database=None)


@described(coverage=False).parametrize()
@few
def test_every_answer_to_each_role_is_as_described(case, roles):
    for role, headers in roles.items():
        ask(case, role, headers)


@described(coverage=True).parametrize()
@few
def test_every_answer_is_as_described_at_the_bounds(case, roles):
    for role in (Role.OPERATOR, "nobody"):
        ask(case, role, roles[role])


def ask(case, role: str, headers: dict[str, str]) -> None:
    """A cursor or the id of a series cannot be guessed, so that what fits its description may well be refused."""
    try:
        case.call_and_validate(headers=headers, excluded_checks=[positive_data_acceptance])
    except BaseException as failure:
        failure.add_note(f"asked as: {role}")
        raise
