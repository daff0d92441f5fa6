"""A company of 42 sites x 48 containers x 200 machines for the measurements of telemetry: its rows and its polls.

The numbers come from the machines of the simulated estate, each asked at its own moment, as a sweep would.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from statistics import mean

from django.db import connection

from cango_ops.estate.layout import layout
from cango_ops.estate.machine import Machine, Pulse, board_c, board_ths, fans_rpm
from cango_ops.estate.world import World
from compute.protocols.reading import Board, Pool, Reading, State
from compute.telemetry.polled import Polled
from sites.models import Operator, Region, Site

NAMEPLATE_THS = 200.0
SPREAD_S = 15.0  # a sweep asks its machines over so many seconds
SHIFT_S = 7_777.0  # machines of different containers that share an estate machine live at other times


@dataclass(frozen=True, slots=True)
class Size:
    sites: int = 42
    containers: int = 48
    machines: int = 200

    @property
    def devices(self) -> int:
        return self.sites * self.containers * self.machines


def estate_machines(count: int) -> list[Machine]:
    """Machines that answer. Some are faulty, as in the estate."""
    world = World(layout(devices=4 * count), clock=lambda: 0.0)
    found = (one for site in world.sites for one in world.machines_of(site) if isinstance(one, Machine))
    return [machine for machine, _ in zip(found, range(count), strict=False)]


def settle(size: Size) -> None:
    """Writes sites, containers, machines and their rows "never polled"."""
    operator = Operator.objects.create(code="company", name="Company", is_company=True)
    region = Region.objects.create(code="somewhere", name="Somewhere")
    Site.objects.bulk_create(
        Site(
            code=f"SITE{n}", name=f"Site {n}", operator=operator, region=region, kind="owned", time_zone="UTC",
            capacity_mw=50,
        )
        for n in range(1, size.sites + 1)
    )  # fmt: skip
    with connection.cursor() as cursor:
        cursor.execute(
            "INSERT INTO compute_container (site_id, code, kind, rows, columns) "
            "SELECT id, 'C' || n, 'asic', 10, 20 FROM sites_site, generate_series(1, %s) AS n ORDER BY id, n",
            [size.containers],
        )
        cursor.execute(
            "INSERT INTO compute_device (site_id, container_id, slot, address, port, language, model, is_gpu, "
            "    nameplate_ths, nameplate_w, gpus, serial, mac) "
            "SELECT site_id, id, slot, '10.0.0.0'::inet + (id * 1000 + slot), 4028, 'antminer', '', false, 200, 3500, "
            "    0, '', '' FROM compute_container, generate_series(1, %s) AS slot ORDER BY id, slot",
            [size.machines],
        )
        cursor.execute(
            "INSERT INTO compute_devicenow (device_id, site_id, state, reason, vendor, model_reported, firmware, mac, "
            "serial) SELECT id, site_id, 'unknown', 'never polled', '', '', '', '', '' FROM compute_device"
        )
        cursor.execute("SELECT setval('compute_device_id_seq', (SELECT max(id) FROM compute_device))")


def site_polls(site_id: int, started_at: float, machines: list[Machine]) -> list[Polled]:
    """One sweep of a site; every 200th machine does not answer."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT id, container_id, slot FROM compute_device WHERE site_id = %s ORDER BY id", [site_id])
        rows = cursor.fetchall()
    return list(polls(rows, started_at, machines))


def polls(rows: list[tuple[int, int, int]], started_at: float, machines: list[Machine]) -> Iterator[Polled]:
    for place, (pk, container_id, slot) in enumerate(rows):
        at = started_at + SPREAD_S * place / len(rows)
        if pk % 200 == 7:
            yield Polled(pk, container_id, slot, at, failure="deadline")
        else:
            machine = machines[pk % len(machines)]
            yield Polled(pk, container_id, slot, at, reading=reading(machine, at + SHIFT_S * (container_id % 97)))


def reading(machine: Machine, at: float) -> Reading:
    """What its parser would make of the machine's answer."""
    pulse = Pulse(machine, at)
    temps = [board_c(machine, pulse, board) for board in range(machine.plate.boards)]
    return Reading(
        vendor="Bitmain",
        model="Antminer S21",
        firmware="49.0.1.3",
        mac=f"02:00:{machine.key & 0xFFFF:04x}",
        uptime_s=pulse.uptime_s,
        state=State.MINING,
        hashrate_ths=NAMEPLATE_THS * pulse.ths / machine.plate.ths,
        power_w=pulse.power_w,
        fans_rpm=fans_rpm(machine, pulse),
        boards=[
            Board(slot=n, hashrate_ths=board_ths(machine, pulse, n), temperature_c=pcb, chip_temperature_c=chip)
            for n, (pcb, chip) in enumerate(temps)
        ],
        pools=[Pool(url="stratum+tcp://pool", accepted=pulse.accepted, rejected=pulse.rejected, active=True)],
    )


def sample(machine: Machine, at: float) -> tuple[float, ...]:
    """The eight numbers of the reading."""
    pulse = Pulse(machine, at)
    temps = [board_c(machine, pulse, board) for board in range(machine.plate.boards)]
    return (
        NAMEPLATE_THS * pulse.ths / machine.plate.ths,
        pulse.power_w,
        max(pcb for pcb, _ in temps),
        max(chip for _, chip in temps),
        mean(rpm for rpm in fans_rpm(machine, pulse) if rpm) if machine.plate.fans else 0.0,
        pulse.accepted,
        pulse.rejected,
        pulse.uptime_s,
    )
