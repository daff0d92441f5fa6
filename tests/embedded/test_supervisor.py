import json
import os
import signal

from cango_ops.embedded.identity import group_members, identify
from tests.embedded.conftest import within


def lines_until(process, wanted):
    lines = []
    for line in process.stdout:
        lines.append(line.strip())
        if wanted in line:
            return lines
    raise AssertionError(f"{wanted!r} was never said: {lines}")


def pid_of(run, name):
    return json.loads((run / "pids" / f"{name}.json").read_text())["pid"]


def test_a_killed_part_is_started_again_and_said_so(tmp_path, run_python):
    console = run_python("-m", "tests.embedded.small_console", str(tmp_path))
    lines_until(console, "all ready")
    first = pid_of(tmp_path, "below")

    os.kill(first, signal.SIGKILL)

    said = lines_until(console, "is back")
    assert said[0] == "Below was ended by SIGKILL; starting it again in 0.5 s"
    assert pid_of(tmp_path, "below") != first
    assert list(group_members(first)) == []


def test_stopping_leaves_no_process_not_even_a_deaf_one(tmp_path, run_python):
    console = run_python("-m", "tests.embedded.small_console", str(tmp_path))
    lines_until(console, "all ready")
    groups = [pid_of(tmp_path, name) for name in ("below", "deaf")]
    assert len(list(group_members(groups[0]))) == 2

    console.send_signal(signal.SIGINT)

    assert lines_until(console, "stopped") == ["stopped"]
    assert console.wait(60) == 0
    assert [pid for group in groups for pid in group_members(group)] == []
    assert list((tmp_path / "pids").iterdir()) == []


def test_a_killed_supervisor_takes_its_parts_along_and_the_next_one_removes_the_rest(tmp_path, run_python):
    console = run_python("-m", "tests.embedded.small_console", str(tmp_path))
    lines_until(console, "all ready")
    below, deaf = (pid_of(tmp_path, name) for name in ("below", "deaf"))

    console.kill()

    assert within(60, lambda: identify(below) is None)
    assert list(group_members(below)) != []
    assert identify(deaf) is not None
    following = run_python("-m", "tests.embedded.small_console", str(tmp_path))
    assert lines_until(following, "all ready")[0] == "leftovers: ['deaf']"
    assert list(group_members(below)) == []
    assert list(group_members(deaf)) == []


def test_a_stranger_with_the_number_of_a_dead_part_is_left_alone(tmp_path, run_python):
    stranger = run_python("-c", "import time; time.sleep(60)")
    (tmp_path / "pids").mkdir()
    note = {"pid": stranger.pid, "started": "1", "stop_signal": 15}
    (tmp_path / "pids" / "below.json").write_text(json.dumps(note))

    console = run_python("-m", "tests.embedded.small_console", str(tmp_path))

    assert lines_until(console, "all ready")[0] == "leftovers: []"
    assert stranger.poll() is None
