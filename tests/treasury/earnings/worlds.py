"""Pecos on a day of November 2025 as its telemetry, meter, network and contract tell it."""

from datetime import UTC, datetime, timedelta
from decimal import Decimal

from compute.models import Container, Device, GpuContract, NetworkReading, Rollup
from compute.telemetry import partitions
from compute.telemetry.upsert import CONTAINER, SITE_SCOPE
from sites.models import Meter, MeterMinute, Operator, Region, Site

DAY = datetime(2025, 11, 10, tzinfo=UTC)
HOUR, MINUTE = timedelta(hours=1), timedelta(minutes=1)


def pecos(code="PECOS", *, is_company=True):
    operator, _ = Operator.objects.get_or_create(
        code="cango" if is_company else "partner", defaults={"name": code, "is_company": is_company}
    )
    region, _ = Region.objects.get_or_create(code="na", defaults={"name": "North America"})
    return Site.objects.create(
        code=code, name=code.title(), operator=operator, region=region, kind=Site.Kind.OWNED,
        time_zone="America/Chicago", capacity_mw=Decimal(20),
    )  # fmt: skip


def hash_for(site, hours, ths=1000.0, start=DAY):
    """Hours of so many TH/s."""
    Rollup.objects.bulk_create(
        Rollup(resolution_s=3600, scope=SITE_SCOPE, scope_id=site.pk, start_at=start + hour * HOUR, minutes=60,
               expected=10, present=10, up=10, deployed_ths=ths, hashrate_ths=ths)
        for hour in range(hours)
    )  # fmt: skip


def draw(site, hours, watts=400_000.0, start=DAY):
    """Hours of so many watts at a meter."""
    meter, _ = Meter.objects.get_or_create(
        site=site, name="main", defaults={"address": "127.0.0.1", "map_name": "sunspec"}
    )
    MeterMinute.objects.bulk_create(
        MeterMinute(meter=meter, minute_at=start + minute * MINUTE, power_w=watts, readings=1,
                    last_at=start + minute * MINUTE)
        for minute in range(int(hours * 60))
    )  # fmt: skip


def network(at=DAY, price="100000.00"):
    """A network in which a petahash earns a millionth of a block every 1000 seconds: difficulty x 2**32 is 10**24."""
    return NetworkReading.objects.create(
        observed_at=at, source="test", difficulty=10**24 / 2**32, reward_sat=312_500_000, price_usd=Decimal(price),
        hashprice_usd_per_ph_day=27.0,
    )  # fmt: skip


def nodes(site, count, gpus=8, kind=Container.Kind.GPU):
    """A container of GPU nodes."""
    box = Container.objects.create(site=site, code="G1", kind=kind, rows=4, columns=6)
    Device.objects.bulk_create(
        Device(site=site, container=box, slot=slot, address=f"127.9.0.{slot}", port=9400, language="dcgm", is_gpu=True,
               gpus=gpus)
        for slot in range(1, count + 1)
    )  # fmt: skip
    return box


def serve(box, minutes, up, gpus=8, busy=0.5):
    """Minutes (numbers of the day) in which so many nodes were up."""
    partitions.ensure([partitions.ROLLUP_MINUTE], [DAY])
    total = Device.objects.filter(container=box).count() * gpus
    for scope, key in ((CONTAINER, box.pk), (SITE_SCOPE, box.site_id)):
        Rollup.objects.bulk_create(
            Rollup(resolution_s=60, scope=scope, scope_id=key, start_at=DAY + minute * MINUTE, minutes=1, expected=1,
                   present=up, up=up, gpus=total, gpus_reporting=up * gpus, gpu_busy=up * gpus * busy)
            for minute in minutes
        )  # fmt: skip


def contract(site, node_count, price="16", penalty="40", begin=DAY - HOUR, end=None, customer="Brightline"):
    return GpuContract.objects.create(
        site=site, customer=customer, nodes=node_count, usd_per_node_h=Decimal(price),
        penalty_usd_per_node_h=Decimal(penalty), begin_at=begin, end_at=end,
    )  # fmt: skip
