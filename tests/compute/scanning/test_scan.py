"""A site of the simulated estate is scanned over real sockets, and its map put right."""

import asyncio
import threading
import uuid
from collections.abc import Iterator

import pytest
from django.core.management import call_command

from cango_ops.base import leases
from cango_ops.base.models import AuditEvent, JobRun
from cango_ops.estate.dialects import identity as born
from cango_ops.estate.machine import Machine
from compute.models import Device, DeviceNow, Scan
from compute.scanning import confirm, scan
from compute.scanning.confirm import Wish
from sites import ranges
from sites.models import AddressRange, Site
from tests import machines
from tests.estate.small_estate import Clock, SmallEstate, open_estate

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture(scope="module")
def estate() -> Iterator[SmallEstate]:
    """Open in a thread of its own, so that tests may wait for it."""
    loop = asyncio.new_event_loop()
    thread = threading.Thread(target=loop.run_forever, daemon=True)
    thread.start()
    opened = asyncio.run_coroutine_threadsafe(open_estate(Clock()), loop).result(60)
    yield opened
    asyncio.run_coroutine_threadsafe(opened.estate.close(), loop).result(60)
    loop.call_soon_threadsafe(loop.stop)
    thread.join(5)
    loop.close()


@pytest.fixture
def site(estate: SmallEstate, settings) -> Site:
    """A site with its map as it is, and ranges of no more than 32 addresses each."""
    settings.MOVED_PORTS = {80: 8081 + estate.estate.shift, 8000: 18000 + estate.estate.shift}
    call_command("seed_estate", devices=620, port_shift=estate.estate.shift)
    site = Site.objects.get(code="PRYOR")
    AddressRange.objects.filter(site=site).exclude(network__endswith="/32").delete()
    for row in {address.rpartition(".")[0] for address in site.devices.values_list("address", flat=True)}:
        port = 4028 + estate.estate.shift
        AddressRange.objects.create(site=site, network=f"{row}.0/27", ports=f"{port} {9400 + estate.estate.shift}")
    return site


def sound(estate: SmallEstate, language: str, skip: int = 0) -> Machine:
    found = [m for m in estate.machines() if m.site.code == "PRYOR" and m.language == language]
    return [m for m in found if int(m.address.rpartition(".")[2]) < 32][skip]


def scanned(site: Site) -> Scan:
    asked = scan.ask_for("test", site, uuid.uuid4())
    while asked.state in Scan.OPEN:
        scan.run_turn(asked)
    return asked


def told(done: Scan, *kinds: str) -> list[tuple[str, str, str]]:
    return [
        (str(one.kind), one.standing.place if one.standing else "", one.seen.address if one.seen else "")
        for one in confirm.findings_of(done)
        if one.kind in kinds
    ]


def row_of(machine: Machine) -> Device:
    return Device.objects.select_related("container").get(address=machine.address)


def test_a_map_that_is_right_stays_as_it_is(estate: SmallEstate, site: Site) -> None:
    done = scanned(site)

    assert (done.state, done.position) == ("done", done.total)
    assert told(done, "found", "moved", "swapped") == []
    within = [d for d in site.devices.all() if int(d.address.rpartition(".")[2]) < 32]
    silent = len(told(done, "vanished"))
    assert len(told(done, "known")) + silent == site.devices.count()
    assert len(told(done, "known")) > len(within) / 2
    assert JobRun.objects.filter(name="compute.scan/PRYOR").count() >= 1


def test_what_is_not_right_is_found_and_written_once_it_is_confirmed(estate: SmallEstate, site: Site) -> None:
    new, moved, swapped = (sound(estate, "whatsminer_v2", number) for number in range(3))
    box = row_of(new).container
    row_of(new).delete()
    was = row_of(moved)
    DeviceNow.objects.filter(device=was).update(mac=born.mac(moved), serial="")
    Device.objects.filter(pk=was.pk).update(address=moved.address.rpartition(".")[0] + ".200")
    Device.objects.filter(pk=row_of(swapped).pk).update(model="Avalon A1566", language="avalon")

    done = scanned(site)

    assert told(done, "found", "moved", "swapped") == [
        ("found", "", new.address),
        ("moved", f"{was.container.code}/{was.slot}", moved.address),
        ("swapped", f"{row_of(swapped).container.code}/{row_of(swapped).slot}", swapped.address),
    ]
    assert Device.objects.get(pk=was.pk).address.endswith(".200")

    applied = confirm.confirm("test", done, Wish(into=box))

    assert (applied.moved, applied.swapped, applied.added, applied.left) == (1, 1, 1, [])
    assert row_of(moved).pk == was.pk
    assert row_of(moved).standing_since is None
    assert row_of(swapped).language == "whatsminer_v2"
    assert row_of(swapped).standing_since is not None
    assert row_of(new).container == box
    event = AuditEvent.objects.get(verb="apply_scan")
    assert (event.target, event.detail["moved"], event.detail["added"]) == ("site/PRYOR", 1, 1)
    assert confirm.confirm("test", done, Wish(into=box)) is None
    assert told(scanned(site), "found", "moved", "swapped") == []


def test_a_lamp_in_the_range_is_refused(estate: SmallEstate, site: Site) -> None:
    with machines.field() as field:
        port = field.put(machines.answers(b'{"system":{"model":"KL130"}}'), "127.0.0.77")
        AddressRange.objects.filter(site=site).delete()
        AddressRange.objects.create(site=site, network="127.0.0.77/32", ports=str(port))
        Device.objects.filter(site=site, slot=1).update(port=port)

        done = scanned(site)

    assert told(done, "refused", "found") == [("refused", "", "127.0.0.77")]


def test_it_goes_on_where_a_killed_worker_left_it(estate: SmallEstate, site: Site, monkeypatch) -> None:
    asked = scan.ask_for("test", site, uuid.uuid4())
    monkeypatch.setattr(scan, "AT_ONCE", 8)  # so that three steps, however slow, are never the whole scan
    stops = iter([False] * 3)
    scan.run_turn(asked, lambda: next(stops, True))
    assert (asked.state, 0 < asked.position < asked.total) == ("running", True)

    done = Scan.objects.get(pk=asked.pk)
    while done.state in Scan.OPEN:
        scan.run_turn(done)

    assert told(done, "found", "moved", "swapped") == []
    assert told(done, "known") != []


def test_a_site_is_scanned_once_at_a_time_and_asking_twice_is_asking_once(site: Site) -> None:
    one = uuid.uuid4()
    asked = scan.ask_for("test", site, one)
    assert scan.ask_for("test", site, one) == asked

    with pytest.raises(scan.ScanRefused, match="being scanned already"):
        scan.ask_for("test", site, uuid.uuid4())
    with leases.held(f"scan/{site.pk}", 15):
        scan.run_turn(asked)
    assert Scan.objects.get().position == 0


def test_a_scan_that_is_stopped_stays_stopped(site: Site) -> None:
    asked = scan.ask_for("test", site, uuid.uuid4())
    assert scan.stop("test", asked)
    assert not scan.stop("test", asked)

    assert scan.run_open() == 0
    assert Scan.objects.get().state == "stopped"
    assert confirm.confirm("test", asked, Wish()) is None


def test_a_site_without_ranges_or_with_too_many_places_is_not_scanned(site: Site) -> None:
    AddressRange.objects.filter(site=site).delete()
    with pytest.raises(scan.ScanRefused, match="No address range"):
        scan.ask_for("test", site, uuid.uuid4())

    ranges.replace("test", site, [ranges.Allowed(ranges.ip_network(f"10.{n}.0.0/16"), ((1, 65535),)) for n in range(9)])
    with pytest.raises(scan.ScanRefused, match="a scan tries 500000 at most"):
        scan.ask_for("test", site, uuid.uuid4())


def test_a_map_that_changed_meanwhile_is_not_overwritten(estate: SmallEstate, site: Site) -> None:
    swapped = sound(estate, "whatsminer_v2")
    Device.objects.filter(pk=row_of(swapped).pk).update(model="Avalon A1566", language="avalon")
    done = scanned(site)
    Device.objects.filter(pk=row_of(swapped).pk).update(port=1)

    applied = confirm.confirm("test", done, Wish())

    assert applied.swapped == 0
    assert applied.left[0].endswith("the map was changed meanwhile")


def test_the_command_shows_and_changes_nothing_on_a_dry_run(estate: SmallEstate, site: Site, capsys) -> None:
    new = sound(estate, "whatsminer_v2")
    box = row_of(new).container.code
    row_of(new).delete()
    capsys.readouterr()

    call_command("scan", "PRYOR", dry_run=True)

    said = capsys.readouterr().out
    assert f"{new.address}:{4028 + estate.estate.shift} whatsminer_v2" in said
    assert not Device.objects.filter(address=new.address).exists()

    call_command("scan", "PRYOR", yes=True, into=box)

    assert "0 moved, 0 swapped, 1 added" in capsys.readouterr().out
    assert Device.objects.filter(address=new.address).exists()
