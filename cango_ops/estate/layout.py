"""What stands where: the whole estate as one frozen value, the same for the same seed and number of devices.

This is the one thing the console is told beforehand (who, where, address, language, expected model); the rest it must
ask over the wire. Addresses: the device in slot `s` of the `c`-th container of site `i` is 127.(10+i).c.s, the site's
meter 127.(10+i).0.1, its battery 127.(10+i).0.2, the shared feeds 127.9.0.x, recorded machines 127.8.x.y. (Only the
recorded machines are read from a folder.)
"""

from pathlib import Path
from typing import Final

import msgspec

from cango_ops.estate.containers import ContainerPlan, containers_of
from cango_ops.estate.places import OPERATORS, PLACES, REGIONS, Place
from cango_ops.estate.recordings import FEED_LANGUAGES, RecordedMachine, recorded_machines
from cango_ops.estate.shares import shares

DEFAULT_DEVICES: Final = 6_200
DEFAULT_SEED: Final = 1
CGMINER_PORT: Final = 4028
DCGM_PORT: Final = 9400
# The console itself listens on 127.0.0.1:8000, which the kernel refuses beside a listener on every loopback address.
VLLM_PORT: Final = 18000
MODBUS_PORT: Final = 5020
FEED_PORT: Final = 8080
WEB_PORT: Final = 8081
WHATSMINER_V3_PORT: Final = 4433
# Ports of the real machines that stand elsewhere here: real one -> estate's one.
MOVED_PORTS: Final = {80: WEB_PORT, 502: MODBUS_PORT, 8000: VLLM_PORT}
POOL_ADDRESS: Final = "127.9.0.10"
NETWORK_ADDRESS: Final = "127.9.0.20"
PRICE_ADDRESS: Final = "127.9.0.30"
NODE_ADDRESS: Final = "127.9.0.40"
METER_MAPS: Final = ("sunspec_203", "abb_b23")
# The ABB's power is a signed 32-bit number of hundredths of a watt: 21 MW is the most that it can say.
ABB_UP_TO_MW: Final = 20.0
LAB: Final = "LAB"
PORT_OF: Final = {"gpu_node": DCGM_PORT, "dcgm": DCGM_PORT, "vllm": VLLM_PORT, "whatsminer_v3": WHATSMINER_V3_PORT}


class Endpoint(msgspec.Struct, frozen=True):
    """Where something listens. path: the start of its URLs, empty for what is not HTTP."""

    address: str
    port: int
    path: str = ""


class Meter(msgspec.Struct, frozen=True):
    """The site's power meter. map: which register map it speaks, one of METER_MAPS."""

    address: str
    port: int
    map: str


class Battery(msgspec.Struct, frozen=True):
    """The site's battery, asked and told by Modbus as SunSpec has it."""

    address: str
    port: int
    capacity_mwh: float
    power_mw: float


class Operator(msgspec.Struct, frozen=True):
    code: str
    name: str
    is_company: bool


class Region(msgspec.Struct, frozen=True):
    code: str
    name: str


class Slot(msgspec.Struct, frozen=True, gc=False):
    """One device in its place. label: which recording it answers with, for the recorded ones."""

    slot: int
    address: str
    port: int
    language: str
    model: str
    label: str = ""


class Container(msgspec.Struct, frozen=True):
    """Slots are counted row by row from 1. kind: asic, gpu or mixed."""

    code: str
    rows: int
    columns: int
    kind: str
    slots: tuple[Slot, ...]


class Site(msgspec.Struct, frozen=True):
    """A place with its containers, its meter and the feeds that hold for it. kind: owned, hosted or partner."""

    code: str
    name: str
    operator: str
    region: str
    time_zone: str
    latitude: float
    longitude: float
    kind: str
    capacity_mw: float
    tariff_usd_per_mwh: float
    market: str
    has_battery_mwh: float
    solar_mw: float
    meter: Meter | None
    battery: Battery | None
    pool: Endpoint
    containers: tuple[Container, ...]


class EstateLayout(msgspec.Struct, frozen=True):
    """The whole estate. Ports are the real ones or those of `moved_ports`; `port_shift` is already added to each.

    pool_tokens: by operator, each its own account.
    """

    seed: int
    devices: int
    port_shift: int
    operators: tuple[Operator, ...]
    regions: tuple[Region, ...]
    sites: tuple[Site, ...]
    network_feed: Endpoint
    price_feed: Endpoint
    moved_ports: dict[int, int]
    pool_tokens: dict[str, str]


def layout(
    seed: int = DEFAULT_SEED,
    devices: int = DEFAULT_DEVICES,
    port_shift: int = 0,
    captures: Path | None = None,
) -> EstateLayout:
    """The estate of `devices` machines, about one in thirty of them a GPU node; `captures` adds a site LAB."""
    gpu_nodes = max(min(200, devices // 31), devices // 200)
    asics = shares(devices - gpu_nodes, [place.capacity_mw for place in PLACES])
    nodes = shares(gpu_nodes, [float(place.gpu) for place in PLACES])
    plans = containers_of(seed, devices, asics, nodes)
    sites = [_site(number, place, plans[number - 1], port_shift) for number, place in enumerate(PLACES, 1)]
    if captures is not None:
        sites.append(_lab(recorded_machines(captures), port_shift))
    return EstateLayout(
        seed=seed,
        devices=devices,
        port_shift=port_shift,
        operators=tuple(Operator(*row) for row in OPERATORS),
        regions=tuple(Region(*row) for row in REGIONS),
        sites=tuple(sites),
        network_feed=Endpoint(NETWORK_ADDRESS, FEED_PORT + port_shift, "/api/v1"),
        price_feed=Endpoint(PRICE_ADDRESS, FEED_PORT + port_shift, "/v1"),
        moved_ports={real: moved + port_shift for real, moved in MOVED_PORTS.items()},
        pool_tokens={code: f"estate-{code.lower()}-token" for code, _, _ in OPERATORS},
    )


def _site(number: int, place: Place, plans: list[ContainerPlan], shift: int) -> Site:
    net = f"127.{10 + number}"
    return Site(
        code=place.code,
        name=place.name,
        operator=place.operator,
        region=place.region,
        time_zone=place.zone,
        latitude=place.latitude,
        longitude=place.longitude,
        kind=place.kind,
        capacity_mw=place.capacity_mw,
        tariff_usd_per_mwh=place.tariff,
        market=place.market,
        has_battery_mwh=place.battery_mwh,
        solar_mw=place.solar_mw,
        meter=Meter(f"{net}.0.1", MODBUS_PORT + shift, METER_MAPS[place.capacity_mw <= ABB_UP_TO_MW]),
        battery=_battery(net, place, shift),
        pool=Endpoint(POOL_ADDRESS, FEED_PORT + shift),
        containers=tuple(_container(f"{net}.{c}", plan, shift) for c, plan in enumerate(plans, 1)),
    )


def _battery(net: str, place: Place, shift: int) -> Battery | None:
    """It gives or takes all it holds in two hours."""
    if not place.battery_mwh:
        return None
    return Battery(f"{net}.0.2", MODBUS_PORT + shift, place.battery_mwh, place.battery_mwh / 2)


def _container(net: str, plan: ContainerPlan, shift: int) -> Container:
    slots = tuple(
        Slot(s, f"{net}.{s}", PORT_OF.get(language, CGMINER_PORT) + shift, language, model)
        for s, (model, language) in enumerate(plan.machines, 1)
    )
    return Container(plan.code, plan.rows, plan.columns, plan.kind, slots)


def place_of(site: Site, address: str) -> str:
    """The host name of whoever has this address: `macon.c01s007`."""
    _, _, c, s = address.split(".")
    return f"{site.code.lower()}.{site.containers[int(c) - 1].code.lower()}s{int(s):03d}"


def _lab(machines: list[RecordedMachine], shift: int) -> Site:
    slots = tuple(
        Slot(s, machine.address, machine.port + shift, machine.language, "", machine.label)
        for s, machine in enumerate((m for m in machines if m.language not in FEED_LANGUAGES), 1)
    )
    columns = 10
    return Site(
        code=LAB,
        name="Recorded machines",
        operator="CANGO",
        region="NA",
        time_zone="UTC",
        latitude=0.0,
        longitude=0.0,
        kind="owned",
        capacity_mw=0.1,
        tariff_usd_per_mwh=0.0,
        market="",
        has_battery_mwh=0.0,
        solar_mw=0.0,
        meter=None,
        battery=None,
        pool=Endpoint(POOL_ADDRESS, FEED_PORT + shift),
        containers=(Container("CAPTURES", -(-len(slots) // columns), columns, "mixed", slots),),
    )
