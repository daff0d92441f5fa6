"""Pytest plugin, loaded before Django's: one PostgreSQL for the whole run and a Redis for each process of it.

CANGO_TEST_DATABASE_URL and CANGO_TEST_REDIS_URL name servers to use instead. Every other CANGO_ variable is put aside,
so that a test never sees the database, nor the folder, of a console that runs in the same checkout.
"""

import os
import shutil
import tempfile
from collections.abc import Callable
from pathlib import Path

import pytest

from cango_ops.embedded.child import Child
from cango_ops.embedded.failure import CannotStart
from cango_ops.embedded.folder import RunFolder
from cango_ops.embedded.identity import Identity, identify, lives
from cango_ops.embedded.part import Part
from cango_ops.embedded.postgres import postgres
from cango_ops.embedded.redis import redis

PREFIX = "cango-tests-"
IS_WORKER = "PYTEST_XDIST_WORKER" in os.environ


@pytest.hookimpl(tryfirst=True)
def pytest_load_initial_conftests(early_config: pytest.Config, args: list[str]) -> None:
    if {"-h", "--help", "-V", "--version"} & set(args):
        return
    folder = fresh_folder(early_config)
    given = {name: value for name, value in os.environ.items() if name.startswith("CANGO_")}
    for name in given:
        if name != "CANGO_DATABASE_URL" or not IS_WORKER:
            del os.environ[name]
    try:
        if not IS_WORKER:
            os.environ["CANGO_DATABASE_URL"] = given.get("CANGO_TEST_DATABASE_URL") or run(
                early_config, folder, lambda: postgres(folder, careless=True)
            )
        os.environ["CANGO_REDIS_URL"] = given.get("CANGO_TEST_REDIS_URL") or run(
            early_config, folder, lambda: redis(folder)
        )
    except CannotStart as failure:
        pytest.exit(str(failure), returncode=3)
    (folder.root / "console" / "static").mkdir(parents=True)
    os.environ["CANGO_RUN_DIR"] = str(folder.root / "console")
    os.environ["CANGO_SECRET_KEY"] = "only-for-tests-" + "x" * 40


def pytest_report_header() -> str:
    return "PostgreSQL: as the owner; tests/treasury/closing/test_console_role.py as the console's own role"


def run(config: pytest.Config, folder: RunFolder, prepare: Callable[[], tuple[Part, str]]) -> str:
    """Starts the server, has it stopped at the end of the run, and returns its URL."""
    part, url = prepare()
    child = Child(part, folder)
    child.start()
    config.add_cleanup(child.stop)
    child.wait_ready()
    return url


def fresh_folder(config: pytest.Config) -> RunFolder:
    """A folder named after this process; those of test runs that were killed are removed on the way."""
    tmp = Path(tempfile.gettempdir())
    for left in tmp.glob(f"{PREFIX}*-*"):
        pid, _, started = left.name.removeprefix(PREFIX).partition("-")
        if pid.isdigit() and not lives(Identity(int(pid), started)):
            shutil.rmtree(left, ignore_errors=True)
    me = identify(os.getpid())
    assert me is not None
    root = tmp / f"{PREFIX}{me.pid}-{me.started}"
    root.mkdir(mode=0o755)
    config.add_cleanup(lambda: shutil.rmtree(root, ignore_errors=True))
    return RunFolder(root).make()
