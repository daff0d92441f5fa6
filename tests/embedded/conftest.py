import os
import signal
import subprocess
import sys
import tempfile
import time
from pathlib import Path

import pytest

from cango_ops.embedded import launch
from cango_ops.embedded.child import Child
from cango_ops.embedded.folder import RunFolder
from cango_ops.embedded.run_as import held_capabilities, reaching

CHECKOUT = Path(__file__).resolve().parents[2]
NOBODY = 65534


@pytest.fixture
def folder(tmp_path):
    return RunFolder(tmp_path / "run").make()


@pytest.fixture(scope="module")
def lasting_folder():
    """A run folder for the tests of a module, so that initdb runs once."""
    with tempfile.TemporaryDirectory() as path:
        yield RunFolder(Path(path) / "run").make()


@pytest.fixture
def start():
    """Starts parts and stops, at the end of the test, what is left of them."""
    children = []

    def start_one(part, folder):
        child = Child(part, folder)
        child.start()
        children.append(child)
        child.wait_ready()
        return child

    yield start_one
    for child in reversed(children):
        child.stop()


@pytest.fixture
def ordinary_folder():
    """A run folder of the user nobody, where the tests run as root; else simply ours."""
    with tempfile.TemporaryDirectory() as path:
        os.chmod(path, 0o755)
        if os.geteuid() == 0:
            os.chown(path, NOBODY, NOBODY)
        yield Path(path)


def as_ordinary_user(*argv):
    """The command line that runs Python as nobody, who keeps nothing of root but the way to this interpreter."""
    if os.geteuid() != 0:
        return [sys.executable, *argv]
    assert held_capabilities()
    return launch.command([sys.executable, *argv], signal.SIGTERM, (NOBODY, NOBODY, reaching()))


@pytest.fixture
def run_python():
    """Starts `python ARGUMENTS` in the checkout and ends it with the test."""
    running = []

    def run(*argv, ordinary=False, **environment):
        command = as_ordinary_user(*argv) if ordinary else [sys.executable, *argv]
        process = subprocess.Popen(
            command,
            cwd=CHECKOUT,
            env={"PATH": os.environ["PATH"], **environment},
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
        )
        running.append(process)
        return process

    yield run
    for process in running:
        if process.poll() is None:
            process.terminate()
        process.communicate(timeout=60)


def within(seconds, condition):
    """Whether the condition became true in that time."""
    deadline = time.monotonic() + seconds
    while time.monotonic() < deadline:
        if condition():
            return True
        time.sleep(0.02)
    return False
