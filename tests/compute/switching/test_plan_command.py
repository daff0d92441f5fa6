"""`manage.py plan` as a person runs it: another process, no database anywhere."""

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest
from django.core.management import CommandError, call_command

from tests.compute.switching.worlds import CASES, small_case

ROOT = Path(__file__).parents[3]
NOWHERE = "postgresql://nobody@127.0.0.1:1/nothing"


def test_a_line_for_each_file_and_a_bad_one_stops_nothing(tmp_path):
    bad = tmp_path / "bad.json"
    bad.write_text('{"schema": "switch-case/1"}')
    files = [CASES[0], bad, tmp_path / "missing.json", CASES[1]]

    run = subprocess.run(
        [sys.executable, "manage.py", "plan", *map(str, files)],
        cwd=ROOT,
        env={**os.environ, "CANGO_DATABASE_URL": NOWHERE},
        capture_output=True,
        text=True,
        check=False,
    )

    lines = [json.loads(line) for line in run.stdout.splitlines()]
    assert run.returncode == 1
    assert [line["status"] for line in lines] == ["optimal", "error", "error", "optimal"]
    assert lines[1]["words"] == "T is missing"
    assert lines[2]["words"] == "cannot be read: No such file or directory"
    assert run.stderr.splitlines() == ["CommandError: 2 of 4 files cannot be planned"]


def test_a_line_tells_the_whole_plan(tmp_path, capsys):
    path = tmp_path / "case.json"
    path.write_text(json.dumps(small_case()))

    call_command("plan", str(path))

    line = json.loads(capsys.readouterr().out)
    assert line == {
        "file": str(path),
        "status": "optimal",
        "profit_usd": 120.0,
        "gap_usd": 0.0,
        "source": "solver",
        "modes": {"asic": [1, 0, 1]},
        "import_mw": [1.0, 0.0, 1.0],
        "export_mw": [0.0, 0.0, 0.0],
        "load_mw": [1.0, 0.0, 1.0],
        "charge_mw": [0.0, 0.0, 0.0],
        "discharge_mw": [0.0, 0.0, 0.0],
        "soc_mwh": [0.0, 0.0, 0.0],
        "solar_used_mw": [0.0, 0.0, 0.0],
    }


def test_an_infeasible_case_is_an_answer_and_no_error(tmp_path, capsys):
    path = tmp_path / "case.json"
    path.write_text(json.dumps(small_case(base_load_mw=11.0)))

    call_command("plan", str(path))

    line = json.loads(capsys.readouterr().out)
    assert (line["status"], line["profit_usd"]) == ("infeasible", None)
    assert line["words"] == "the base load alone is above the site limit"


def test_a_file_that_is_too_large_is_refused(tmp_path, capsys):
    path = tmp_path / "large.json"
    with path.open("wb") as file:
        file.truncate(64 * 1024 * 1024 + 1)

    with pytest.raises(CommandError):
        call_command("plan", str(path))

    assert "is larger than" in json.loads(capsys.readouterr().out)["words"]


@pytest.mark.parametrize("text", ["nan", "-1", "inf", "soon"])
def test_a_time_limit_that_is_no_length_of_time_is_refused(text):
    with pytest.raises(CommandError, match=f"'{text}' is not a number of seconds"):
        call_command("plan", str(CASES[0]), f"--time-limit={text}")
