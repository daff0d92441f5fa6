"""Begins or ends a lease of a site's hashrate: what is leased out mines for the lessee and is not expected."""

from argparse import ArgumentParser
from datetime import datetime
from decimal import Decimal, InvalidOperation
from typing import Any

from django.core.management.base import BaseCommand, CommandError

from cango_ops.wire import Garbled
from sites.models import Site
from treasury.models import HashrateLease
from treasury.production import leases

ACTOR = "lease_hashrate"


class Command(BaseCommand):
    help = "lease_hashrate MACON 'A lessee' 1200000 2026-03-01T00:00:00Z; with --end, end that lessee's lease then."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("site")
        parser.add_argument("lessee")
        parser.add_argument("ths", help="TH/s")
        parser.add_argument("at", help="an instant with its offset")
        parser.add_argument("--end", action="store_true")

    def handle(self, *args: Any, **options: Any) -> None:
        try:
            at, ths = datetime.fromisoformat(options["at"]), Decimal(options["ths"])
        except (ValueError, InvalidOperation) as why:
            raise CommandError(f"no instant such as 2026-03-01T00:00:00Z, or no TH/s: {why}") from why
        site = Site.objects.filter(code=options["site"]).first()
        if at.tzinfo is None or site is None:
            raise CommandError("the instant has no offset" if site else f"there is no site {options['site']!r}")
        try:
            self.stdout.write(str(self.done(site, options["lessee"], ths, at, options["end"])))
        except Garbled as why:
            raise CommandError(str(why)) from why

    def done(self, site: Site, lessee: str, ths: Decimal, at: datetime, ends: bool) -> HashrateLease:
        if not ends:
            return leases.begin(ACTOR, site, lessee, ths, at)
        lease = HashrateLease.objects.filter(site=site, lessee=lessee, hashrate_ths=ths, end_at=None).first()
        if lease is None:
            raise Garbled("there is no such lease, or it has ended")
        leases.end(ACTOR, lease, at)
        return lease
