"""manage.py after_restore: once, after a backup was restored and before the console is started."""

from typing import Any

from django.core.management.base import BaseCommand

from compute.decisions.restored import end_what_was_open


class Command(BaseCommand):
    help = "Ends every order, command and decision that was open when the backup was made, so that none is carried out."

    def handle(self, **options: Any) -> None:
        ended = end_what_was_open()
        self.stdout.write(
            f"{ended.orders} orders stopped, {ended.unknown} commands unknown, {ended.decisions} decisions ended, "
            f"{ended.leases} leases raised. Compare the audit record now: manage.py verify_audit --expect <noted head>."
        )
