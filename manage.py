#!/usr/bin/env python3
"""The command line of the console."""

import os
import sys

from django.core.management import execute_from_command_line

if __name__ == "__main__":
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "cango_ops.settings")
    execute_from_command_line(sys.argv)
