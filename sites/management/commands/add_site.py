"""Writes one new site; its addresses, machines and contract come after it, on its pages."""

from argparse import ArgumentParser
from decimal import Decimal
from typing import Any, TypeVar

from django.conf import settings
from django.core.exceptions import ValidationError
from django.core.management.base import BaseCommand, CommandError
from django.db import transaction

from cango_ops.base import audit
from sites.models import Operator, Region, Site

NEXT = (
    "{0} is written. Next, on its pages: its addresses (/sites/{0}/network/), then a scan (/sites/{0}/scan/) "
    "or its map as a file (/sites/{0}/map/)."
)
Row = TypeVar("Row", Operator, Region)


class Command(BaseCommand):
    help = "Writes one new site. An operator or a region that is not known yet is written with it."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("code", help="as it stands in addresses and on labels, such as MACON")
        parser.add_argument("--name", required=True)
        parser.add_argument("--operator", required=True, help="code of who runs it; the first is the company")
        parser.add_argument("--region", required=True, help="code of the region, such as north-america")
        parser.add_argument("--time-zone", required=True, help="IANA name, such as America/New_York")
        parser.add_argument("--capacity-mw", required=True, type=Decimal, help="contracted power")
        parser.add_argument("--kind", choices=Site.Kind.values, default=Site.Kind.OWNED.value)

    def handle(self, **options: Any) -> None:
        if Site.objects.filter(code=options["code"]).exists():
            raise CommandError(f"{options['code']} stands on the map already; nothing was changed.")
        try:
            site = write(options)
        except ValidationError as wrong:
            said = "; ".join(f"{name}: {' '.join(words)}" for name, words in wrong.message_dict.items())
            raise CommandError(said) from None
        self.stdout.write(NEXT.format(site.code))


@transaction.atomic
def write(options: dict[str, Any]) -> Site:
    """Raises ValidationError; then nothing of it stands."""
    site = Site(
        code=options["code"], name=options["name"], operator=operator_of(options["operator"]),
        region=region_of(options["region"]), kind=options["kind"], time_zone=options["time_zone"],
        capacity_mw=options["capacity_mw"], collector_slot=Site.objects.count() % settings.COLLECTOR_SLOTS,
    )  # fmt: skip
    site.full_clean()
    site.save()
    audit.record("add_site", "add_site", f"site/{site.code}", {"name": site.name, "operator": site.operator.code})
    return site


def operator_of(code: str) -> Operator:
    known = Operator.objects.filter(code=code).first()
    return known or written(Operator(code=code, name=titled(code), is_company=not Operator.objects.exists()))


def region_of(code: str) -> Region:
    return Region.objects.filter(code=code).first() or written(Region(code=code, name=titled(code)))


def written(row: Row) -> Row:
    row.full_clean()
    row.save()
    return row


def titled(code: str) -> str:
    return code.replace("-", " ").title()
