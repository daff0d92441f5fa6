"""`make ci`: every test in two halves side by side; where at most six failed, each of those once more, alone.

The arguments are pytest's own and hold for both halves. docs/decisions/0024-second-chance.md says why.
"""

import json
import subprocess
import sys
import tempfile
from pathlib import Path
from typing import Final, NamedTuple

WITNESS: Final = Path(__file__).with_name("witness.py")
BROWSER, OTHERS = ("tests/pages",), ("tests", "--ignore=tests/pages")
AT_MOST: Final = 6
PASSED, SOME_FAILED = 0, 1


class Ran(NamedTuple):
    """How pytest ended (its exit status), how many tests it was to run, ran and passed, and the names of the failed."""

    status: int
    wanted: int = 0
    ran: int = 0
    passed: int = 0
    failed: tuple[str, ...] = ()
    unread: int = 0

    @property
    def is_whole(self) -> bool:
        """Whether every test of it ran to its end, and nothing went wrong but the failures that are named."""
        status = SOME_FAILED if self.failed else PASSED
        return self.status == status and 0 < self.wanted == self.ran and self.unread == 0

    @property
    def has_passed(self) -> bool:
        return self.is_whole and not self.failed


def read(status: int, told: Path) -> Ran:
    """The run that ended with this status; where its witness wrote nothing, it broke off."""
    said = json.loads(told.read_text()) if told.exists() else {}
    return Ran(status, **said | {"failed": tuple(said.get("failed", ()))})


def halves(arguments: list[str], folder: Path) -> list[Ran]:
    """Runs both, and prints the browser's half when the other has ended."""
    browser, others, log = (folder / name for name in ("browser.json", "others.json", "browser.log"))
    with log.open("wb") as output:
        beside = subprocess.Popen(
            [sys.executable, WITNESS, browser, *arguments, *BROWSER], stdout=output, stderr=subprocess.STDOUT
        )
        status = subprocess.run([sys.executable, WITNESS, others, *arguments, *OTHERS], check=False).returncode
        both = [read(beside.wait(), browser), read(status, others)]
    say(log.read_text(errors="replace"))
    return both


def deserve_another(runs: list[Ran]) -> list[str]:
    """The tests to run again, alone; none where so many failed, or so much else went wrong, that it is no chance."""
    failed = [name for run in runs for name in run.failed]
    return failed if all(run.is_whole for run in runs) and len(failed) <= AT_MOST else []


def passes_alone(name: str, arguments: list[str], folder: Path) -> bool:
    """Whether what bears this name ran, and passed. What was skipped has not passed."""
    told = folder / "alone.json"
    told.unlink(missing_ok=True)
    status = subprocess.run([sys.executable, WITNESS, told, *arguments, name], check=False).returncode
    run = read(status, told)
    return run.has_passed and run.wanted == run.passed


def say(line: str) -> None:
    print(line, flush=True)


def verdict(arguments: list[str], folder: Path) -> int:
    runs = halves(arguments, folder)
    if all(run.has_passed for run in runs):
        return 0
    again = deserve_another(runs)
    if not again:
        say(f"\nFailed, with no second chance: more than {AT_MOST} tests failed, or a run broke off.\n{runs}")
        return 1
    say("\nThe failed once more, one by one and alone:\n" + listed(again))
    broken = [name for name in again if not passes_alone(name, arguments, folder)]
    if broken:
        say("\nFAILED TWICE, the second time alone:\n" + listed(broken))
        return 1
    say(f"\n{'!' * 100}\nFAILED ONCE, PASSED ALONE. Each is a fault to be mended; its first failure stands above:")
    say(f"{listed(again)}\n{'!' * 100}")
    return 0


def listed(names: list[str]) -> str:
    return "\n".join(f"  {name}" for name in names)


if __name__ == "__main__":
    with tempfile.TemporaryDirectory(prefix="second-chance-") as folder:
        sys.exit(verdict(sys.argv[1:], Path(folder)))
