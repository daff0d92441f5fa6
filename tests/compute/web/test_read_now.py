"""Reading one machine at once: who may, what comes back, and what is said where nothing does."""

import re
import time

import pytest
from django.test import Client

from cango_ops.base import leases
from compute.collector import targets
from compute.models import Device
from compute.telemetry import queries, sitemap
from compute.web.device import read_now
from sites.models import Membership, Role
from tests import machines
from tests.compute.collector.test_sweep import ANTMINER
from tests.worlds import make_user, make_world

pytestmark = pytest.mark.django_db(transaction=True)

READ = "/sites/PECOS/C1/1/read/"
AS_FRAGMENT = {"HTTP_HX_REQUEST": "true"}


@pytest.fixture
def world():
    sitemap.forget()
    targets.forget()
    return make_world()


@pytest.fixture
def field():
    with machines.field() as started:
        yield started


def put(world, port: int) -> Device:
    Device.objects.filter(container=world.c1, slot=1).update(address="127.0.0.1", port=port)
    return Device.objects.get(container=world.c1, slot=1)


def test_the_answer_is_the_fresh_panel(client, world, field):
    device = put(world, field.put(ANTMINER))
    client.force_login(world.ada)

    text = client.post(READ, **AS_FRAGMENT).content.decode()

    assert re.search(r'id="read-said" role="status" hx-swap-oob="true">Read <span', text)
    assert '<span class="fig" title="198 TH/s">198 <span class="unit">TH/s</span></span>' in text
    assert queries.last(device.pk).sample["hashrate_ths"] == 198.0


def test_without_a_script_the_page_is_shown_anew(client, world, field):
    put(world, field.put(ANTMINER))
    client.force_login(world.ada)
    answer = client.post(READ)
    assert (answer.status_code, answer.headers["Location"]) == (302, "/sites/PECOS/C1/1/")


def test_a_machine_that_refuses_is_said_to(client, world):
    put(world, 9)
    client.force_login(world.ada)
    assert "It did not answer: " in client.post(READ, **AS_FRAGMENT).content.decode()


def test_a_machine_that_hangs_costs_a_few_seconds_and_no_more(world, field, monkeypatch):
    monkeypatch.setattr(read_now, "PATIENCE_S", 0.3)
    device = put(world, field.put(machines.hangs))
    began = time.monotonic()

    assert read_now.ask(device) == read_now.SILENT
    assert time.monotonic() - began < 30


def test_nobody_asks_a_machine_while_somebody_does(world):
    device = put(world, 9)
    with leases.held(f"read-now/{device.pk}", 15):
        assert read_now.ask(device) == read_now.BUSY


def test_a_machine_without_a_known_language_cannot_be_asked(world):
    Device.objects.filter(container=world.c1, slot=1).update(language="none")
    device = Device.objects.get(container=world.c1, slot=1)
    assert read_now.ask(device) == "It cannot be asked: unknown language none."


def test_a_viewer_is_refused_in_words_and_nothing_is_asked(client, world, monkeypatch):
    monkeypatch.setattr(read_now, "ask", lambda device: pytest.fail("asked"))
    viewer = make_user("Di")
    Membership.objects.create(user=viewer, role=Role.VIEWER, site=world.pecos)
    client.force_login(viewer)

    refused = client.post(READ, **AS_FRAGMENT)

    assert (refused.status_code, refused.headers["Content-Type"]) == (403, "text/plain; charset=utf-8")
    assert "does not allow" in refused.content.decode()
    assert client.post(READ).status_code == 403
    assert "Read now" not in client.get("/sites/PECOS/C1/1/").content.decode()


def test_another_partner_finds_nothing_there(client, world):
    client.force_login(world.cy)
    assert client.post(READ).status_code == 404


def test_looking_is_not_asking(client, world):
    client.force_login(world.ada)
    assert client.get(READ).status_code == 405


def test_a_form_of_another_site_is_refused(world):
    client = Client(enforce_csrf_checks=True)
    client.force_login(world.ada)
    assert client.post(READ).status_code == 403
