"""A test that fails by chance gets one more, alone; nothing else gets through. Small folders, a real pytest."""

import os
import subprocess
import sys
from pathlib import Path

import pytest

from tests.second_chance import Ran, deserve_another

PROGRAM = Path(__file__).with_name("second_chance.py")
PASSES = "def test_a():\n    pass\n"
FAILS = "def test_{}():\n    assert False, 'broken for good'\n"
# Fails where its file is not there yet, and makes it.
ONCE = """
from pathlib import Path
def test_{0}():
    seen = Path("seen-{0}")
    if not seen.exists():
        seen.touch()
        assert False, "the first failure"
"""


def ends(how):
    return f"import os, pytest\ndef test_z():\n    {how}\n"


def judged(folder, others, browser=PASSES, conftest=""):
    """How the program ends and what it says, on a checkout of these two files of tests."""
    (folder / "tests/pages").mkdir(parents=True)
    (folder / "pytest.ini").write_text("[pytest]\naddopts = -p no:cacheprovider\n")
    (folder / "conftest.py").write_text(conftest)
    (folder / "tests/test_others.py").write_text(others)
    (folder / "tests/pages/test_browser.py").write_text(browser)
    kept = {name: value for name, value in os.environ.items() if not name.startswith("PYTEST_")}
    return subprocess.run(
        [sys.executable, PROGRAM, "--tb=short"],
        cwd=folder, capture_output=True, text=True, check=False, env=kept | {"PYTEST_DISABLE_PLUGIN_AUTOLOAD": "1"},
    )  # fmt: skip


def test_when_all_pass_nothing_is_said_of_a_second_chance(tmp_path):
    ran = judged(tmp_path, PASSES)

    assert ran.returncode == 0, ran.stdout
    assert "ALONE" not in ran.stdout


def test_several_tests_may_bear_one_name(tmp_path):
    doubles = "def pytest_collection_modifyitems(items):\n    items.append(items[0])\n"

    whole = judged(tmp_path / "whole", PASSES, conftest=doubles)
    chance = judged(tmp_path / "chance", ONCE.format("b"), conftest=doubles)

    assert whole.returncode == chance.returncode == 0, whole.stdout + chance.stdout
    assert "FAILED ONCE, PASSED ALONE" in chance.stdout


def test_what_failed_once_passes_alone_and_is_named_at_the_end(tmp_path):
    ran = judged(tmp_path, PASSES + ONCE.format("b"), ONCE.format("c"))

    assert ran.returncode == 0, ran.stdout
    end = ran.stdout[ran.stdout.index("FAILED ONCE, PASSED ALONE") :]
    assert "  tests/pages/test_browser.py::test_c\n  tests/test_others.py::test_b\n" in end
    assert ran.stdout.count("E   AssertionError: the first failure\n") == 2


def test_what_fails_again_is_a_failure(tmp_path):
    ran = judged(tmp_path, ONCE.format("b") + FAILS.format("c"))

    assert ran.returncode == 1
    assert "FAILED TWICE, the second time alone:\n  tests/test_others.py::test_c\n" in ran.stdout


def test_one_that_is_skipped_alone_has_not_passed(tmp_path):
    skipped = ONCE.format("b") + "    else:\n        import pytest\n        pytest.skip('no browser')\n"

    ran = judged(tmp_path, PASSES + skipped)

    assert ran.returncode == 1
    assert "FAILED TWICE" in ran.stdout


# Of each pair the one breaks off, the other would deserve a second chance.
@pytest.mark.parametrize(
    ("others", "browser"),
    [
        pytest.param("import nothing_of_this_name", ONCE.format("b"), id="a module that cannot be read"),
        pytest.param(ends("os._exit(0)"), ONCE.format("b"), id="a process that vanishes with the status of a pass"),
        pytest.param(PASSES, ONCE.format("b") + ends("os._exit(1)"), id="one that vanishes with that of failures"),
        pytest.param(PASSES, ONCE.format("b") + ends("pytest.exit('enough', returncode=1)"), id="one that gives up"),
    ],
)
def test_a_run_that_breaks_off_never_passes(tmp_path, others, browser):
    ran = judged(tmp_path, others, browser)

    assert ran.returncode == 1, ran.stdout
    assert "no second chance" in ran.stdout


def test_an_error_of_pytest_itself_never_passes(tmp_path):
    raises = "def pytest_sessionfinish(session):\n    raise RuntimeError('at the end')\n"

    ran = judged(tmp_path, ONCE.format("b"), conftest=raises)

    assert ran.returncode == 1
    assert "no second chance" in ran.stdout


WHOLE = Ran(status=0, wanted=9, ran=9, passed=8)


@pytest.mark.parametrize(
    ("half", "chances"),
    [
        (Ran(1, 9, 9, 8, ("a::b",)), 1),
        (Ran(1, 9, 9, 3, tuple(f"a::{number}" for number in range(6))), 6),
        (Ran(1, 9, 9, 2, tuple(f"a::{number}" for number in range(7))), 0),
        (Ran(1, 9, 8, 7, ("a::b",)), 0),
        (Ran(1, 9, 9, 8, ("a::b",), unread=1), 0),
        (Ran(1, 9, 9, 9), 0),
        (Ran(0, 9, 9, 8, ("a::b",)), 0),
        (Ran(2, 9, 9, 8, ("a::b",)), 0),
        (Ran(3, 9, 9, 8, ("a::b",)), 0),
        (Ran(4), 0),
        (Ran(5), 0),
        (Ran(-11), 0),
        (Ran(0), 0),
    ],
)
def test_only_few_failures_of_whole_runs_are_tried_again(half, chances):
    assert len(deserve_another([WHOLE, half])) == len(deserve_another([half, WHOLE])) == chances
    assert not half.has_passed
    assert WHOLE.has_passed


def test_failures_of_both_halves_are_counted_together():
    browser, others = ("a::b", "a::c", "a::d"), ("e::f", "e::g", "e::h", "e::i")
    assert deserve_another([Ran(1, 9, 9, 6, browser), Ran(1, 9, 9, 5, others)]) == []
