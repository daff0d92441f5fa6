"""Runs pytest with the arguments after the first, and writes what it saw into the file of that name, as JSON.

An exit status alone tells too little: a test that ends the process with 0 or 1 looks like a run that passed or failed.
"""

import json
import sys
from pathlib import Path

import pytest


class Witness:
    """Writes at the end, and only where pytest comes to its end: what was to run, what ran, passed and failed.

    Counts, for several tests may bear one name: those that are made out of the API's description do.
    """

    def __init__(self, told: Path) -> None:
        self.told = told
        self.ran = 0
        self.passed: list[str] = []
        self.failed: set[str] = set()
        self.unread: set[str] = set()

    def pytest_collectreport(self, report: pytest.CollectReport) -> None:
        if report.failed:
            self.unread.add(report.nodeid)

    def pytest_runtest_logreport(self, report: pytest.TestReport) -> None:
        if report.failed:
            self.failed.add(report.nodeid)
        elif report.when == "call" and report.passed:
            self.passed.append(report.nodeid)
        if report.when == "teardown":
            self.ran += 1

    def pytest_sessionfinish(self, session: pytest.Session) -> None:
        passed = sum(name not in self.failed for name in self.passed)
        counts = {"wanted": session.testscollected, "ran": self.ran, "passed": passed}
        self.told.write_text(json.dumps(counts | {"failed": sorted(self.failed), "unread": len(self.unread)}))


if __name__ == "__main__":
    # As `python -m pytest` has it: the checkout's folder, not this file's.
    sys.path[0] = str(Path.cwd())
    sys.exit(pytest.main(sys.argv[2:], plugins=[Witness(Path(sys.argv[1]))]))
