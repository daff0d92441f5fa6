"""One site of the estate, as it is on a working console: its machines, meter and market are asked over real sockets."""

import contextlib
import time
from collections import Counter
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path

import msgspec
import time_machine
from django.db.models import F

from cango_ops.base import clock
from cango_ops.base.models import User
from cango_ops.estate import control
from compute import tasks as compute_tasks
from compute.collector.read_now import read_site
from compute.management.commands import seed_estate as seeding
from compute.market import demo
from compute.models import Command, CommandPolicy, Decision, Device, Order
from compute.site_map import write_containers
from compute.telemetry import sitemap
from sites import ranges, tasks
from sites.metering import queries as metering
from sites.models import Membership, PowerContract, Role, Site
from sites.site_map import write_operators, write_regions, write_site
from tests.compute.commands.estate import WRITES, Estate, running
from tests.worlds import make_user

HOUR = timedelta(hours=1)


@dataclass(frozen=True)
class Drill:
    """A site of the running estate, and the two who manage it."""

    estate: Estate
    run_dir: Path
    site: Site
    bo: User
    dora: User

    # What the schedule does, at once

    def look(self) -> None:
        """Machines, meter and market are read once."""
        read_site(self.site.code)
        tasks.read_meters()
        compute_tasks.read_network()
        tasks.read_prices()

    def plan(self) -> None:
        compute_tasks.plan_sites()

    def until_it_proposes(self) -> None:
        """As the schedule does: looks and plans again, should five minutes of the market end between the two."""
        until(60, self.has_proposed)

    def has_proposed(self) -> bool:
        self.look()
        self.plan()
        return Decision.objects.filter(site=self.site, state=Decision.State.PROPOSED).exists()

    def live_through(self, begin: datetime) -> None:
        """The hour from `begin` on, in which everything was looked at twice and planned once."""
        for minutes in (10, 50):
            with time_machine.travel(begin + timedelta(minutes=minutes), tick=True):
                compute_tasks.keep_partitions()
                self.look()
                self.plan()
        compute_tasks.roll_up()

    def rehearse(self, name: str) -> None:
        said = control.send(self.run_dir, {"verb": "drill", "name": name, "site": self.site.code, "minutes": 30})
        assert said["ok"], said

    # What happened

    def meter_w(self) -> float:
        tasks.read_meters()
        found = metering.power_now([self.site.pk])[self.site.pk].power_w
        assert found is not None
        return found

    def told(self) -> Counter[str]:
        """How often each address of the site was told something, by the estate's own journal."""
        rows = [msgspec.json.decode(line) for line in (self.run_dir / "journal.jsonl").read_text().splitlines()]
        return Counter(row["address"] for row in rows if row["command"] in WRITES)

    def carry_out(self) -> None:
        """Sends what may be sent, and looks until every order has ended."""
        compute_tasks.send_commands()
        until(60, self.has_ended)

    def let_settle(self) -> None:
        """As if a minute and more had passed since the last machine was told."""
        Command.objects.filter(order__site=self.site).update(sent_at=F("sent_at") - timedelta(seconds=90))

    def has_ended(self) -> bool:
        """After one more look at everything."""
        read_site(self.site.code)
        tasks.read_meters()
        compute_tasks.confirm_commands()
        return not Order.objects.filter(site=self.site, state=Order.State.APPROVED).exists()


def until(seconds: float, is_so: Callable[[], bool]) -> None:
    ends = time.monotonic() + seconds
    while not is_so():
        assert time.monotonic() < ends, "it took too long"
        time.sleep(0.5)


@contextlib.contextmanager
def drill_at(code: str, run_dir: Path) -> Iterator[Drill]:
    """620 machines stand in the estate; the console knows those of one site."""
    with running(run_dir=run_dir) as estate:
        site = on_the_map(estate, code)
        CommandPolicy.objects.filter(site=site).update(mode="approve", two_person_above_kw=10.0)
        # At half of what the market asks every hour but a spike's pays.
        PowerContract.objects.filter(site=site).update(terms={"index": "real_time", "multiplier": "0.5"})
        yield Drill(estate, run_dir, site, manager("Bo"), manager("Dora"))


def manager(name: str) -> User:
    user = make_user(name)
    Membership.objects.create(user=user, role=Role.MANAGER)
    return user


def on_the_map(estate: Estate, code: str) -> Site:
    plan = estate.small.world.layout
    place = next(place for place in plan.sites if place.code == code)
    write_operators((row.code, row.name, row.is_company) for row in plan.operators)
    write_regions((row.code, row.name) for row in plan.regions)
    site = write_site(seeding.planned_site(place), 0)
    write_containers(site, [seeding.planned_container(box) for box in place.containers])
    seeding.set_logins(site, place)
    ranges.replace("test", site, seeding.allowed(place, plan))
    demo.write(site, demo.Place(place.market, seeding.Decimal(str(place.tariff_usd_per_mwh))))
    sitemap.forget()
    return site


def addresses(site: Site) -> set[str]:
    return set(Device.objects.filter(site=site).values_list("address", flat=True))


def last_whole_hour() -> datetime:
    return clock.now().replace(minute=0, second=0, microsecond=0) - HOUR
