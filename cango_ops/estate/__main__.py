"""`python -m cango_ops.estate`: runs the estate, or speaks to the running one."""

import argparse
import sys

from cango_ops.estate.cli import add_arguments, main

parser = argparse.ArgumentParser(prog="python -m cango_ops.estate", description="The simulated estate")
add_arguments(parser)
sys.exit(main(parser.parse_args()))
