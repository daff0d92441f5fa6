"""Contracts for GPU nodes: set, changed and ended by those who configure the site, on record."""

from datetime import timedelta

import pytest
from django.utils import timezone

from cango_ops.base.models import AuditEvent
from compute.market.demand import committed
from compute.models import GpuContract
from tests.compute.web.test_credentials_page import signed_in_lately
from tests.sites.web.test_contract import text_of
from tests.web.callers import by_session
from tests.worlds import make_world

pytestmark = pytest.mark.django_db
ADDRESS = "/sites/PECOS/gpu-contracts/"


@pytest.fixture
def world():
    return make_world()


def form(**changes: str) -> dict[str, str]:
    said = {
        "customer": "Brightline Labs", "nodes": "12", "usd_per_node_h": "16", "penalty_usd_per_node_h": "40",
        "begin_at": "2026-01-01T00:00", "end_at": "",
    }  # fmt: skip
    return said | changes


def test_a_contract_is_set_changed_and_ended(world):
    client = signed_in_lately(world.bo)
    assert client.post(ADDRESS, form()).status_code == 302
    row = GpuContract.objects.get()
    client.post(ADDRESS, form(contract=str(row.pk), nodes="10", end_at="2026-06-01T00:00"))

    row.refresh_from_db()
    assert (row.nodes, f"{row.end_at:%Y-%m-%d}") == (10, "2026-06-01")
    assert committed(world.pecos, timezone.now() - timedelta(days=300)).nodes == 10
    first, second = AuditEvent.objects.filter(verb="gpu_contract.set")
    assert first.detail["before"] is None
    assert (second.detail["before"]["nodes"], second.detail["after"]["nodes"]) == (12, 10)


@pytest.mark.parametrize(
    ("changes", "words"),
    [
        ({"end_at": "2025-01-01T00:00"}, "It ends before it begins"),
        ({"nodes": "-1"}, "greater than or equal to 0"),
        ({"usd_per_node_h": "-2"}, "gpu_contract_not_negative"),
        ({"customer": ""}, "This field is required"),
    ],
)
def test_a_wrong_form_says_what_is_wrong(world, changes, words):
    answer = signed_in_lately(world.bo).post(ADDRESS, form(**changes))
    assert answer.status_code == 400
    assert words in text_of(answer)
    assert not GpuContract.objects.exists()


def test_who_may(world):
    assert signed_in_lately(world.ada).post(ADDRESS, form()).status_code == 403
    assert signed_in_lately(world.cy).post(ADDRESS, form()).status_code == 404
    foreign = GpuContract.objects.create(
        site=world.ghost, customer="C", nodes=1, usd_per_node_h=1, begin_at=timezone.now()
    )
    assert signed_in_lately(world.bo).post(ADDRESS, form(contract=str(foreign.pk))).status_code == 404
    assert signed_in_lately(world.bo).get(f"{ADDRESS}?contract=x").status_code == 400


def test_more_sold_than_there_are_is_said(world):
    GpuContract.objects.create(site=world.pecos, customer="C", nodes=5, usd_per_node_h=1, begin_at=timezone.now())
    assert "More nodes are sold than stand here" in text_of(by_session(world.ada).get(ADDRESS))


def test_rest_gives_what_the_page_shows(world):
    signed_in_lately(world.bo).post(ADDRESS, form())
    (said,) = by_session(world.ada).get("/api/v1/sites/PECOS/gpu-contracts/").json()
    assert (said["customer"], said["begin_at"], said["end_at"]) == ("Brightline Labs", "2026-01-01T00:00:00Z", None)
