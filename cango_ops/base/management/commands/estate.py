"""`manage.py estate`: runs the simulated estate, or speaks to the running one."""

import argparse
import sys
from typing import Any

from django.core.management.base import BaseCommand

from cango_ops.estate.cli import add_arguments, main


class Command(BaseCommand):
    """Arguments to one call; what they mean stands in `cango_ops.estate.cli`."""

    help = "Run the simulated estate, or rehearse something on the running one (--drill)."
    requires_system_checks: list[str] = []

    def add_arguments(self, parser: argparse.ArgumentParser) -> None:
        add_arguments(parser)

    def handle(self, *args: Any, **options: Any) -> None:
        status = main(argparse.Namespace(**options))
        if status:
            sys.exit(status)
