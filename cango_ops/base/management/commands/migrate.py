"""Django's `migrate`, as the tables' owner; afterwards the console's role has the rights it needs."""

from typing import Any

from django.conf import settings
from django.core.management.base import CommandError
from django.core.management.commands import migrate
from django.db import DEFAULT_DB_ALIAS, DatabaseError

from cango_ops.base import rights


class Command(migrate.Command):
    def handle(self, *app_labels: Any, **options: Any) -> None:
        if options["database"] != DEFAULT_DB_ALIAS:
            super().handle(*app_labels, **options)
            return
        with rights.as_owner():
            super().handle(*app_labels, **options)
            if not (options["plan"] or options["check_unapplied"]):
                self.give_rights()

    def give_rights(self) -> None:
        owner = settings.DATABASE_OWNER
        role = settings.DATABASES[DEFAULT_DB_ALIAS]["USER"] if owner else None
        if owner and role == owner["USER"]:
            raise CommandError("CANGO_DATABASE_OWNER_URL and CANGO_DATABASE_URL name the same role: take two.")
        try:
            rights.settle(role)
        except DatabaseError as error:
            raise CommandError(f"The role {role} was not given its rights: {' '.join(str(error).split())}") from error
        if role:
            self.stdout.write(f"The console's role {role} may use the tables and change none of them.")
