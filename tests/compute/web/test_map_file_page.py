"""The page of a site's map file: take it, send one, see what it changes, apply it."""

import re
import uuid
from urllib.parse import urlsplit

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile

from cango_ops.web import uploads
from compute.map_file.exchange import exported
from compute.models import Device, MapChange
from sites.models import Membership, Role
from tests.web.callers import by_session
from tests.worlds import make_user, make_world

pytestmark = pytest.mark.django_db
PAGE = "/sites/PECOS/map/"


@pytest.fixture
def world():
    return make_world()


def sent(client, content: str | bytes, page: str = PAGE, **follow):
    next_id = re.search(r'name="change" value="([\w-]+)"', client.get(page).content.decode())[1]
    data = content.encode() if isinstance(content, str) else content
    return client.post(page, {"change": next_id, "file": SimpleUploadedFile("map.csv", data)}, **follow)


def without_last(world) -> str:
    return "\r\n".join(exported(world.pecos).split("\r\n")[:-2])


def test_the_file_that_is_taken_changes_nothing_when_it_is_sent_back(world):
    client = by_session(world.bo)
    answer = client.get(f"{PAGE}file/")
    assert answer["Content-Type"] == "text/csv; charset=utf-8"
    assert answer["Content-Disposition"] == 'attachment; filename="PECOS-map.csv"'
    assert answer.content.decode() == exported(world.pecos)

    said = sent(client, answer.content, follow=True).content.decode()

    assert "Pecos: the file says what the map says" in said
    assert "Apply to the map" not in said


def test_a_file_is_looked_at_before_it_is_applied(world):
    client = by_session(world.bo)

    first = sent(client, without_last(world))
    shown = client.get(first["Location"]).content.decode()

    assert "Pecos: the file would change the map" in shown
    assert "127.7.0.4:4028 antminer Antminer S21" in shown
    assert Device.objects.filter(address="127.7.0.4").exists()
    file = urlsplit(first["Location"]).query.removeprefix("file=")
    done = client.post(f"{PAGE}apply/", {"file": file}, follow=True).content.decode()
    assert "The map is what the file says" in done
    assert "applied by bo@example.com" in done
    assert not Device.objects.filter(address="127.7.0.4").exists()
    assert "applied already" in client.post(f"{PAGE}apply/", {"file": file}, follow=True).content.decode()


def test_what_is_wrong_is_listed_by_line_and_column(world):
    answer = sent(by_session(world.bo), exported(world.pecos).replace("127.7.0.2", "8.8.8.8").replace(",4028,", ",0,"))

    text = answer.content.decode()
    assert answer.status_code == 400
    assert "the file was not taken, 4 things to correct" in text
    assert "expected a port from 1 to 65535." in text
    assert not MapChange.objects.exists()


def test_a_cell_that_holds_markup_is_shown_as_text(world):
    page = sent(by_session(world.bo), "container,slot,address,port,language,<script>alert(1)</script>\r\n")
    assert "&lt;script&gt;alert(1)" in page.content.decode()
    assert "<script>alert" not in page.content.decode()


def test_a_map_that_was_changed_meanwhile_stays(world):
    client = by_session(world.bo)
    file = urlsplit(sent(client, without_last(world))["Location"]).query.removeprefix("file=")
    Device.objects.filter(address="127.7.0.1").update(port=4029)

    said = client.post(f"{PAGE}apply/", {"file": file}, follow=True).content.decode()

    assert "Nothing was changed. The map was changed since" in said
    assert world.c1.devices.count() == 4


@pytest.mark.parametrize("data", [b"", b"\x00\x01\x02", b"PK\x03\x04", b"\xff\xd8\xff\xe0JFIF", b'{"a": 1}'])
def test_what_is_no_map_is_refused(world, data):
    assert sent(by_session(world.bo), data).status_code == 400


def test_a_form_without_a_file_is_refused_in_words(world):
    assert by_session(world.bo).post(PAGE, {"change": uuid.uuid4()}).status_code == 400
    assert by_session(world.bo).post(PAGE, {"change": "nonsense"}).status_code == 400


def test_a_file_that_is_too_large_is_turned_away(world, monkeypatch):
    assert "larger than 4 MiB" in sent(by_session(world.bo), b"a" * (4 << 20) + b"bc").content.decode()
    monkeypatch.setattr(uploads, "LIMIT_BYTES", 1 << 10)
    assert sent(by_session(world.bo), b"a" * 2048).status_code == 400
    assert not MapChange.objects.exists()


def test_who_sees_the_site_takes_the_file_and_a_manager_sends_one(world):
    viewer = make_user("Di")
    Membership.objects.create(user=viewer, role=Role.VIEWER, site=world.pecos)
    change = urlsplit(sent(by_session(world.bo), without_last(world))["Location"]).query.removeprefix("file=")
    for user, takes, sends in ((viewer, 200, 403), (world.ada, 200, 403), (world.cy, 404, 404)):
        client = by_session(user)
        assert client.get(f"{PAGE}file/").status_code == takes
        assert client.get(PAGE).status_code == sends
        assert client.post(PAGE, {"change": uuid.uuid4()}).status_code == sends
        assert client.post(f"{PAGE}apply/", {"file": change}).status_code == sends
    assert world.c1.devices.count() == 4


def test_a_file_of_another_site_is_not_reached_from_here(world):
    client = by_session(world.bo)
    change = urlsplit(sent(client, without_last(world))["Location"]).query.removeprefix("file=")
    assert client.get(f"/sites/MUSCAT/map/?file={change}").status_code == 404
    assert client.post("/sites/MUSCAT/map/apply/", {"file": change}).status_code == 404
    assert client.get(f"{PAGE}?file=nonsense").status_code == 400
