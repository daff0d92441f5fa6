"""`manage.py verify_ledger`: holds everything that the books keep twice against each other."""

from typing import Any

from django.core.management.base import BaseCommand, CommandError

from treasury.books.check import faults
from treasury.models import JournalEntry


class Command(BaseCommand):
    help = "Check turnovers against postings, open lots against lots, uses, accounts and wallets."

    def handle(self, *args: Any, **options: Any) -> None:
        found = list(faults())
        if found:
            raise CommandError("The books do not tie.\n" + "\n".join(found[:50]))
        self.stdout.write(f"{JournalEntry.objects.count()} entries, everything ties.")
