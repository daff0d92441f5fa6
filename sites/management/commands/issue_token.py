"""Issues an API token of a person and prints its key, once."""

from argparse import ArgumentParser
from datetime import timedelta
from typing import Any

from django.core.management.base import BaseCommand, CommandError

from cango_ops.base import clock
from cango_ops.base.models import User
from sites import api_tokens
from sites.models import ApiToken


class Command(BaseCommand):
    help = "Issues an API token that may see what its owner sees, and prints its key; it is shown this once."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("--email", required=True, help="whose token it is")
        parser.add_argument("--name", required=True, help="what it is for; no two live tokens of one person share it")
        parser.add_argument("--scope", action="append", choices=ApiToken.Scope.values, help="read if left out")
        parser.add_argument("--days", type=int, default=30, help="how long it holds, 365 at most")

    def handle(self, **options: Any) -> None:
        now = clock.now()
        try:
            issued = api_tokens.issue(
                User.objects.get(email=options["email"]),
                name=options["name"],
                scopes=options["scope"] or [ApiToken.Scope.READ],
                sites=None,
                expires_at=now + timedelta(days=options["days"]),
                now=now,
            )
        except User.DoesNotExist:
            raise CommandError(f"Nobody signs in as {options['email']}.") from None
        except api_tokens.TokenRefused as refused:
            raise CommandError(f"{refused.parameter}: {refused}") from None
        self.stdout.write(issued.key)
