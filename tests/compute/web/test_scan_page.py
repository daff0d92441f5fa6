"""The page of a site's scan, and who may use it."""

import re
import uuid

import pytest

from compute.models import Device, Scan
from compute.scanning.scan import compared, run_open
from compute.scanning.who import Seen
from sites.models import AddressRange, Membership, Role
from tests.web.callers import by_session
from tests.worlds import make_user, make_world

pytestmark = pytest.mark.django_db
PAGE = "/sites/PECOS/scan/"


@pytest.fixture
def world():
    made = make_world()
    AddressRange.objects.filter(site=made.pecos).update(network="127.7.0.0/29", ports="4028")
    return made


def begun(client) -> Scan:
    client.post(f"{PAGE}begin/", {"scan": re.search(r'name="scan" value="([\w-]+)"', page_of(client))[1]})
    return Scan.objects.get()


def page_of(client) -> str:
    return client.get(PAGE).content.decode()


def done(world, *everybody: Seen) -> Scan:
    import msgspec

    scan = begun(by_session(world.bo))
    found = msgspec.to_builtins(compared(world.pecos, list(everybody)))
    Scan.objects.update(state="done", findings=found, position=scan.total)
    return Scan.objects.get()


def test_a_scan_is_begun_watched_and_stopped(world):
    client = by_session(world.bo)
    assert "Pecos was never scanned" in page_of(client)

    scan = begun(client)

    assert (scan.state, scan.total, scan.asked_by) == ("waiting", 8, "bo@example.com")
    panel = client.get(f"{PAGE}panel/").content.decode()
    assert "Pecos is being scanned: 0 of 8 places tried" in panel
    assert 'hx-trigger="every 2s"' in panel
    client.post(f"{PAGE}stop/", {"scan": scan.pk})
    assert "the scan was stopped after 0 of 8 places" in page_of(client)


def test_a_form_sent_twice_is_one_scan(world):
    client, one = by_session(world.bo), uuid.uuid4()
    for _ in range(2):
        client.post(f"{PAGE}begin/", {"scan": one})
    assert Scan.objects.get().pk == one


def test_a_site_without_ranges_says_so(world):
    AddressRange.objects.filter(site=world.pecos).delete()
    said = by_session(world.bo).post(f"{PAGE}begin/", {"scan": uuid.uuid4()}, follow=True).content.decode()
    assert "No address range of the site has a port of a machine." in said


def test_what_was_found_is_shown_and_written_once_confirmed(world):
    new = Seen("127.7.0.6", 4028, "antminer", "Antminer S21", "02:00:00:00:00:09", "SN-9")
    swapped = Seen("127.7.0.2", 4028, "whatsminer_v2", "Whatsminer M50S")
    scan = done(world, new, swapped, Seen("127.7.0.7", 4028, refused="garbled"))
    client = by_session(world.bo)

    text = page_of(client)
    assert "Pecos: 6 places are not as the map says" in text
    assert "antminer Antminer S21 SN-9" in text
    assert "garbled" in text
    said = client.post(f"{PAGE}apply/", {"scan": scan.pk, "swapped": "on", "into": "C1"}, follow=True).content.decode()

    assert "The map is written: 0 moved, 1 swapped, 1 added." in said
    added = Device.objects.get(address="127.7.0.6")
    assert (added.container, added.slot, added.serial) == (world.c1, 5, "SN-9")
    assert Device.objects.get(address="127.7.0.2").language == "whatsminer_v2"
    again = client.post(f"{PAGE}apply/", {"scan": scan.pk, "swapped": "on"}, follow=True).content.decode()
    assert "somebody has confirmed it already" in again


def test_nothing_is_put_into_a_container_of_another_site(world):
    scan = done(world, Seen("127.7.0.6", 4028, "antminer", "Antminer S21"))
    answer = by_session(world.bo).post(f"{PAGE}apply/", {"scan": scan.pk, "into": "G1"})
    assert answer.status_code == 404
    assert not Scan.objects.exclude(applied_at=None).exists()


def test_it_takes_a_manager_of_the_site(world):
    scan = done(world, Seen("127.7.0.6", 4028, "antminer", "Antminer S21"))
    viewer = make_user("Di")
    Membership.objects.create(user=viewer, role=Role.VIEWER, site=world.pecos)
    for user, status in ((viewer, 403), (world.ada, 403), (world.cy, 404)):
        client = by_session(user)
        assert client.get(PAGE).status_code == status
        assert client.get(f"{PAGE}panel/").status_code == status
        for deed in ("begin", "stop", "apply"):
            assert client.post(f"{PAGE}{deed}/", {"scan": scan.pk, "into": "C1"}).status_code == status
    assert not Device.objects.filter(address="127.7.0.6").exists()


def test_a_scan_of_another_site_is_not_reached_from_here(world):
    scan = done(world, Seen("127.7.0.6", 4028, "antminer", "Antminer S21"))
    client = by_session(world.bo)
    for deed in ("stop", "apply"):
        assert client.post(f"/sites/MUSCAT/scan/{deed}/", {"scan": scan.pk}).status_code == 404
    assert client.post(f"{PAGE}apply/", {"scan": "nonsense"}).status_code == 400
    assert client.get(f"{PAGE}begin/").status_code == 405


@pytest.mark.django_db(transaction=True)
def test_a_scan_that_was_asked_for_is_run_by_whoever_is_woken(world):
    begun(by_session(world.bo))

    assert run_open() == 0

    scan = Scan.objects.get()
    assert (scan.state, scan.position) == ("done", 8)
    assert "places are not as the map says" in page_of(by_session(world.bo))
