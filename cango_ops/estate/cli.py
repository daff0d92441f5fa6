"""The estate's command line, the same for `python -m cango_ops.estate` and `manage.py estate`.

Without --drill, --machine or --status it runs the estate until it is told to stop; with one of them it speaks to the
one that runs in the same run folder.
"""

import argparse
import asyncio
import gc
import os
import signal
import sys
from pathlib import Path
from typing import Any

import msgspec
import uvloop

from cango_ops.estate.control import ACTS, DEFAULT_MINUTES, NoEstate, send
from cango_ops.estate.drills import DRILLS
from cango_ops.estate.faults import Fault
from cango_ops.estate.layout import DEFAULT_DEVICES, DEFAULT_SEED, layout
from cango_ops.estate.listener import PortTaken, allow_many_connections
from cango_ops.estate.server import Estate
from cango_ops.estate.world import World


def add_arguments(parser: argparse.ArgumentParser) -> None:
    shift = int(os.environ.get("CANGO_ESTATE_PORT_SHIFT") or 0)
    parser.add_argument("--devices", type=int, default=DEFAULT_DEVICES, help="machines in all; 400000 is the company")
    parser.add_argument("--seed", type=int, default=DEFAULT_SEED, help="another seed is another estate")
    parser.add_argument("--port-shift", type=int, default=shift, help="added to every port")
    parser.add_argument("--captures", type=Path, help="folder of recorded answers to serve beside the estate")
    parser.add_argument("--run-dir", type=Path, default=default_run_dir(), help="where journal and control socket lie")
    parser.add_argument("--drill", choices=[*DRILLS, "none"], help="rehearse this on the running estate; none ends it")
    parser.add_argument("--site", help="code of the site that --drill is for; all of them when left out")
    parser.add_argument("--minutes", type=float, default=DEFAULT_MINUTES, help="how long --drill lasts")
    parser.add_argument("--machine", metavar="ADDRESS", help="change one machine of the running estate")
    parser.add_argument("--fault", choices=[fault.value for fault in Fault], help="with --machine; none heals it")
    parser.add_argument("--act", choices=list(ACTS), help="with --machine: what it does now")
    parser.add_argument("--status", action="store_true", help="say what the running estate is doing")


def default_run_dir() -> Path:
    return Path(os.environ.get("CANGO_RUN_DIR") or ".run") / "estate"


def order_of(options: argparse.Namespace) -> dict[str, Any] | None:
    """What to tell the running estate, or None to run one."""
    if options.drill:
        return {"verb": "drill", "name": options.drill, "site": options.site, "minutes": options.minutes}
    if options.machine:
        what = {"fault": options.fault} if options.fault else {"act": options.act}
        return {"verb": "machine", "address": options.machine} | what
    return {"verb": "status"} if options.status else None


def main(options: argparse.Namespace) -> int:
    """Does what the options say; the exit status."""
    order = order_of(options)
    if order is None:
        return run_estate(options)
    try:
        answer = send(options.run_dir, order)
    except NoEstate as error:
        print(error, file=sys.stderr)
        return 1
    print(msgspec.json.format(msgspec.json.encode(answer)).decode())
    return 0 if answer.get("ok") else 1


def run_estate(options: argparse.Namespace) -> int:
    allow_many_connections()
    if options.captures is not None and not options.captures.is_dir():
        print(f"--captures: {options.captures} is not a folder", file=sys.stderr)
        return 2
    plan = layout(options.seed, options.devices, options.port_shift, options.captures)
    options.run_dir.mkdir(parents=True, exist_ok=True)
    spare_the_collector()
    estate = Estate(World(plan, run_dir=options.run_dir, captures=options.captures))
    try:
        uvloop.run(_until_stopped(estate, options.run_dir))
    except PortTaken as error:
        print(f"the estate cannot start: {error}", file=sys.stderr)
        return 1
    return 0


def spare_the_collector() -> None:
    """The layout and the machines made later live as long as the process: looking for garbage among them is in vain."""
    gc.freeze()
    gc.set_threshold(50_000, 50, 1_000)


async def _until_stopped(estate: Estate, run_dir: Path) -> None:
    stopped = asyncio.Event()
    loop = asyncio.get_running_loop()
    for name in (signal.SIGINT, signal.SIGTERM):
        loop.add_signal_handler(name, stopped.set)
    await estate.open(run_dir)
    plan = estate.world.layout
    print(f"estate: {plan.devices} devices on {len(plan.sites)} sites answer on 127.0.0.0/8", flush=True)
    await stopped.wait()
    await estate.close()
