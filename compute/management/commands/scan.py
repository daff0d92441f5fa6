"""Scans a site's address ranges for machines, shows what was found, and writes it into the map once confirmed."""

import uuid
from argparse import ArgumentParser
from typing import Any

from django.core.management.base import BaseCommand, CommandError

from compute.models import Container, Scan
from compute.scanning import confirm, scan
from compute.scanning.compare import Finding, Kind
from compute.scanning.confirm import Wish
from sites.models import Site


class Command(BaseCommand):
    help = "Scans a site for machines; without --dry-run asks whether to write what moved, was swapped or is new."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("site", help="code of the site")
        parser.add_argument("--dry-run", action="store_true", help="show what was found and change nothing")
        parser.add_argument("--into", help="code of the container that takes machines which the map does not know")
        parser.add_argument("--yes", action="store_true", help="write without asking")

    def handle(self, *, site: str, dry_run: bool, into: str | None, yes: bool, **_: Any) -> None:
        place = Site.objects.filter(code=site).first()
        if place is None:
            raise CommandError(f"There is no site {site}.")
        box = Container.objects.filter(site=place, code=into).first() if into else None
        if into and box is None:
            raise CommandError(f"{site} has no container {into}.")
        done = self._scanned(place)
        found = confirm.findings_of(done)
        for one in found:
            if one.kind is not Kind.KNOWN:
                self.stdout.write(line_of(one))
        self.stdout.write(", ".join(f"{sum(one.kind is kind for one in found)} {kind}" for kind in Kind))
        if dry_run or not any(one.kind in (Kind.MOVED, Kind.SWAPPED, Kind.FOUND) for one in found):
            return
        if yes or input("Write this into the map? [y/N] ").strip().lower() == "y":
            self._write(done, Wish(into=box))

    def _scanned(self, place: Site) -> Scan:
        try:
            asked = scan.ask_for("manage.py scan", place, uuid.uuid4())
        except scan.ScanRefused as refused:
            raise CommandError(str(refused)) from None
        try:
            while asked.state in Scan.OPEN:
                scan.run_turn(asked)
                asked.refresh_from_db()
        except KeyboardInterrupt:
            scan.stop("manage.py scan", asked)
            raise CommandError("Stopped; nothing was changed.") from None
        if asked.state != Scan.State.DONE:
            raise CommandError("Somebody stopped the scan; nothing was changed.")
        return asked

    def _write(self, done: Scan, wish: Wish) -> None:
        applied = confirm.confirm("manage.py scan", done, wish)
        if applied is None:
            raise CommandError("Somebody has confirmed this scan meanwhile.")
        for why in applied.left:
            self.stdout.write(f"left out: {why}")
        self.stdout.write(f"{applied.moved} moved, {applied.swapped} swapped, {applied.added} added")


def line_of(one: Finding) -> str:
    place = f"{one.standing.place} ({one.standing.address}:{one.standing.port})" if one.standing else "-"
    seen = one.seen
    there = f"{seen.address}:{seen.port} {seen.refused or seen.language} {seen.model} {seen.serial}" if seen else "-"
    return f"{one.kind:9} {place:32} {there}".rstrip()
