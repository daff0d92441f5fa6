"""Labels, the look-up, and the page of a machine that a label opens."""

import re
import uuid
from xml.etree import ElementTree

import pytest

from cango_ops.alerts.models import Alert
from cango_ops.web.phone.qr import drawn
from compute.models import DeviceNow
from sites.models import Membership, Note, Role
from tests.web import api_routes
from tests.web.callers import by_session
from tests.worlds import make_devices, make_world

pytestmark = pytest.mark.django_db

AT = "/at/PECOS/C1/2/"


@pytest.fixture
def world():
    return make_world()


def dark(code):
    """The dark modules of a drawn code."""
    found = set()
    for x, y, width in re.findall(r"M(\d+) (\d+)h(\d+)v1h-\d+z", code.path):
        found |= {(int(x) + step, int(y)) for step in range(int(width))}
    return found


def test_a_code_has_its_finders_its_quiet_zone_and_its_timing():
    """Source: ISO/IEC 18004, 6.3: three finder patterns of 7 x 7 modules, timing in row and column 6."""
    code = drawn("http://127.0.0.1:8000/at/PECOS/C1/14/")
    modules, last = dark(code), code.size - 5

    assert code.size == 29 + 4 + 4  # version 3, and four quiet modules on each side
    assert min(x for x, _ in modules) == min(y for _, y in modules) == 4
    for left, top in ((4, 4), (last - 6, 4), (4, last - 6)):
        assert {(left + step, top) for step in range(7)} <= modules
        assert (left + 1, top + 1) not in modules
        assert (left + 3, top + 3) in modules
    assert [(4 + step, 10) in modules for step in range(8, 20)] == [True, False] * 6


def test_labels_of_a_container_lead_to_its_places(world):
    client = by_session(world.ada)

    said = client.get("/labels/PECOS/C1/").content.decode()

    urls = re.findall(r'aria-label="QR code of ([^"]+)"', said)
    assert urls == [f"http://testserver/at/PECOS/C1/{slot}/" for slot in range(1, 5)]
    assert [client.get(url).status_code for url in urls] == [200] * 4
    assert drawn(urls[0]).path in said


def test_labels_of_a_large_site_come_in_parts_and_all_of_them(world):
    make_devices(world.c1, 100, first_address="127.7.5.1", first_slot=5)
    client, found, url = by_session(world.ada), [], "/labels/PECOS/"
    while url:
        said = client.get(url).content.decode()
        found += re.findall(r'aria-label="QR code of ([^"]+)"', said)
        more = re.search(r'class="button" href="(/labels/PECOS/\?after=\d+)"', said)
        url = more[1] if more else ""

    assert len(found) == len(set(found)) == 104


def test_the_phone_s_page_says_what_stands_there(world):
    DeviceNow.objects.filter(device__site=world.pecos, device__slot=2).update(
        state="critical", reason="Too hot", serial="SN-77", mac="aa:bb:cc:dd:ee:ff"
    )
    said = by_session(world.ada).get(AT).content.decode()

    for words in ("PECOS/C1/2: critical", "Too hot", "SN-77", "2 of container C1", "127.7.0.2:4028"):
        assert words in said


def test_the_site_s_alert_is_taken_and_a_note_kept_from_there(world):
    alert = api_routes.alert(world.pecos)
    client = by_session(world.ada)
    assert f"/alerts/{alert}/acknowledge/" in client.get(AT).content.decode()

    client.post(f"/alerts/{alert}/acknowledge/")
    pk = world.c1.devices.get(slot=2).pk
    form = {"request_id": str(uuid.uuid4()), "words": "fan 3 is loud", "back": AT}
    answer = client.post(f"/events/note/?scope=device&id={pk}", form)

    assert answer.url == AT
    said = client.get(AT).content.decode()
    assert "fan 3 is loud" in said
    assert f"{world.ada} has it" in said
    assert (Note.objects.get().place, Alert.objects.get().state) == ("PECOS/C1/2", "acknowledged")


def test_a_form_leads_back_to_no_other_host(world):
    pk = world.c1.devices.get(slot=2).pk
    for goal in ("https://evil.example/", "//evil.example/", "/\\evil.example/"):
        form = {"request_id": str(uuid.uuid4()), "words": "x", "back": goal}
        answer = by_session(world.ada).post(f"/events/note/?scope=device&id={pk}", form)
        assert answer.url == f"/events/?scope=device&id={pk}"


def test_who_only_looks_sees_neither_button(world):
    api_routes.alert(world.pecos)
    Membership.objects.create(user=world.cy, role=Role.VIEWER, site=world.pecos)

    said = by_session(world.cy).get(AT).content.decode()

    assert "Note it" not in said
    assert "acknowledge/" not in said


@pytest.mark.parametrize(
    "address", [AT, "/labels/PECOS/", "/labels/PECOS/C1/", "/at/PECOS/C1/99/", "/labels/GHOST/C1/"]
)
def test_a_label_of_another_tenant_opens_nothing(world, address):
    assert by_session(world.cy).get(address).status_code == 404


def test_a_serial_a_mac_an_address_or_a_place_finds_the_machine(world):
    DeviceNow.objects.filter(device__site=world.pecos, device__slot=2).update(serial="SN-77", mac="02:bb:cc:dd:ee:f1")
    client = by_session(world.ada)

    for typed in ("sn-77", "02-BB-CC-DD-EE-F1", "127.7.0.2", "pecos c1 2", "PECOS/C1/2"):
        assert client.get("/at/", {"q": typed}).url == AT, typed


def test_several_are_listed_none_is_said_and_others_are_not_found(world):
    client = by_session(world.ada)

    assert client.get("/at/", {"q": "127.7."}).content.decode().count('href="/at/PECOS/C1/') == 4
    for typed in ("SN-88", "127.7.2.1", "GHOST G1 1", "<b>", "%00", "x" * 500):
        assert "Nothing is called" in client.get("/at/", {"q": typed}).content.decode()
    assert "Which machine?" in client.get("/at/").content.decode()


def test_every_drawing_is_sound_svg(world):
    said = by_session(world.ada).get("/labels/PECOS/").content.decode()

    for svg in re.findall(r"<svg class=\"qr\".*?</svg>", said):
        assert ElementTree.fromstring(svg).attrib["role"] == "img"


@pytest.mark.parametrize("query", ["?after=x", "?after=-1", "?after=1.5"])
def test_a_wrong_place_to_go_on_from_is_said(world, query):
    assert by_session(world.ada).get(f"/labels/PECOS/{query}").status_code == 400


def test_the_phone_s_page_is_live(world):
    client = by_session(world.ada)

    assert f'data-topic="container/{world.c1.pk} alerts" hx-get="{AT}panel/"' in client.get(AT).content.decode()
    panel = client.get(f"{AT}panel/").content.decode()
    assert "<html" not in panel
    assert "PECOS/C1/2" in panel
    assert "note-words" not in panel  # what somebody types is not swapped away
    assert by_session(world.cy).get(f"{AT}panel/").status_code == 404
