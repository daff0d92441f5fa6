"""The command line behind `make up` and `make manage`. It runs before Django, which needs the servers' addresses."""

import argparse
import sys
from pathlib import Path

from cango_ops import env
from cango_ops.embedded.console import CHECKOUT, Wishes
from cango_ops.embedded.failure import CannotStart
from cango_ops.embedded.folder import RunFolder
from cango_ops.embedded.up import manage, up


def parser() -> argparse.ArgumentParser:
    root = argparse.ArgumentParser(prog="python -m cango_ops.embedded", description=__doc__)
    verbs = root.add_subparsers(dest="verb", required=True)
    start = verbs.add_parser("up", help="run the console until Ctrl-C")
    start.add_argument("--devices", help="machines of the simulated estate (400000: the whole company)")
    start.add_argument("--seed", help="which estate: the same number makes the same one")
    start.add_argument("--captures", type=Path, help="a folder of recorded answers that the estate replays besides")
    start.add_argument("--no-estate", action="store_true", help="read real machines only")
    run = verbs.add_parser("manage", help="run a management command against the running console")
    run.add_argument("words", nargs=argparse.REMAINDER)
    return root


def wishes(wanted: argparse.Namespace) -> Wishes:
    return Wishes(
        port=env.whole("HTTP_PORT", 8000, 1, 65535),
        estate=not wanted.no_estate,
        devices=whole("DEVICES", wanted.devices, 42, 1_000_000),
        seed=whole("SEED", wanted.seed, 0, 2**31 - 1),
        port_shift=env.whole("ESTATE_PORT_SHIFT", 0, 0, 50000),
        captures=folder_of("CAPTURES", wanted.captures),
    )


def whole(name: str, text: str | None, lowest: int, highest: int) -> int | None:
    """The number that make was given under that name."""
    if text is None:
        return None
    if not (text.isdecimal() and text.isascii() and lowest <= int(text) <= highest):
        raise CannotStart(f"{name}={text} is not usable: expected a whole number from {lowest} to {highest}.")
    return int(text)


def folder_of(name: str, path: Path | None) -> Path | None:
    if path is not None and not path.is_dir():
        raise CannotStart(f"{name}={path} is not usable: expected a folder.")
    return path.absolute() if path else None


def main(words: list[str]) -> int:
    wanted = parser().parse_args(words)
    folder = RunFolder(env.folder("RUN_DIR", CHECKOUT / ".run"))
    try:
        if wanted.verb == "manage":
            manage(folder, wanted.words)
        else:
            up(folder, wishes(wanted))
    except CannotStart as failure:
        print(failure, file=sys.stderr)
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
