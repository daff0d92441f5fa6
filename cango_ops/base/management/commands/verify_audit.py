"""manage.py verify_audit: is the record of deeds whole?"""

from argparse import ArgumentParser
from typing import Any

from django.core.management.base import BaseCommand, CommandError

from cango_ops.base import audit
from cango_ops.base.models import AuditEvent


class Command(BaseCommand):
    help = "Checks the chain of audit events and names the first row that was changed, removed or put in."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument(
            "--expect", metavar="SEQUENCE:HASH", help="a row noted down earlier, to notice that the end was cut off"
        )

    def handle(self, *, expect: str | None = None, **options: Any) -> None:
        verdict = audit.verify()
        if verdict.wrong:
            good = f"Rows 1 to {verdict.sequence} fit together."
            raise CommandError(f"The audit record is broken: {verdict.wrong}. {good}")
        if expect and not kept(expect):
            raise CommandError(f"The audit record is broken: {expect} is no longer in it.")
        self.stdout.write(f"{verdict.sequence} audit events, unbroken. Head: {verdict.sequence}:{verdict.hash}")


def kept(expect: str) -> bool:
    sequence, _, digest = expect.partition(":")
    return sequence.isdigit() and AuditEvent.objects.filter(sequence=int(sequence), hash=digest).exists()
