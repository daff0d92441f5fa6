import json
import os
import signal
import socket

import psycopg
import pytest

from cango_ops.embedded.failure import CannotStart
from cango_ops.embedded.postgres import application_url, forget_dead_server, postgres, why
from tests.embedded.conftest import within

START_AND_STOP = """
import sys
from pathlib import Path
from cango_ops.embedded.child import Child
from cango_ops.embedded.folder import RunFolder
from cango_ops.embedded.postgres import postgres
folder = RunFolder(Path(sys.argv[1])).make()
part, url = postgres(folder)
child = Child(part, folder)
child.start()
child.wait_ready()
print("owner", (folder.root / "postgres" / "data").stat().st_uid)
child.stop()
"""


def test_what_was_committed_is_there_after_a_restart(lasting_folder, start):
    part, url = postgres(lasting_folder)
    child = start(part, lasting_folder)
    with psycopg.connect(url) as connection:
        connection.execute("CREATE TABLE kept AS SELECT 7 AS seven")
    child.stop()

    part, url = postgres(lasting_folder)
    start(part, lasting_folder)

    with psycopg.connect(url) as connection:
        assert connection.execute("SELECT seven FROM kept").fetchone() == (7,)


def test_the_role_of_the_console_owns_and_makes_nothing(lasting_folder, start):
    part, owner = postgres(lasting_folder)
    start(part, lasting_folder)

    with psycopg.connect(application_url(lasting_folder, owner)) as connection:
        found = connection.execute(
            "SELECT current_user, rolsuper, rolcreatedb, rolcreaterole, rolbypassrls FROM pg_roles "
            "WHERE rolname = current_user"
        ).fetchone()

    assert found == ("cango_app", False, False, False, False)


def test_the_role_has_the_password_of_its_file_also_when_that_was_lost(lasting_folder, start):
    (lasting_folder.root / "postgres" / "cango_app").unlink(missing_ok=True)
    part, owner = postgres(lasting_folder)
    url = application_url(lasting_folder, owner)

    start(part, lasting_folder)

    psycopg.connect(url).close()
    assert (lasting_folder.root / "postgres" / "cango_app").stat().st_mode & 0o777 == 0o600


def test_the_port_is_remembered(lasting_folder):
    assert postgres(lasting_folder)[1] == postgres(lasting_folder)[1]


def test_a_server_that_was_killed_starts_again(lasting_folder, start):
    part, url = postgres(lasting_folder)
    child = start(part, lasting_folder)
    os.kill(child.process.pid, signal.SIGKILL)
    child.process.wait()

    part, url = postgres(lasting_folder)

    def comes_up():
        try:
            start(part, lasting_folder)
        except CannotStart:
            return False
        return True

    # Children of the killed server notice its death within a second or so.
    assert within(60, comes_up)
    with psycopg.connect(url) as connection:
        assert connection.execute("SELECT 1").fetchone() == (1,)


def test_the_lock_of_a_dead_server_is_removed_though_its_number_lives_on(tmp_path, run_python):
    stranger = run_python("-c", "import time; time.sleep(60)")
    lock = tmp_path / "postmaster.pid"
    lock.write_text(f"{stranger.pid}\n/somewhere\n")

    forget_dead_server(tmp_path)

    assert not lock.exists()


def test_commits_are_durable(lasting_folder, start):
    part, url = postgres(lasting_folder)
    start(part, lasting_folder)
    with psycopg.connect(url) as connection:
        shown = [connection.execute(f"SHOW {name}").fetchone()[0] for name in ("fsync", "synchronous_commit")]
    assert shown == ["on", "on"]


def test_nobody_connects_without_the_password(lasting_folder, start):
    part, url = postgres(lasting_folder)
    start(part, lasting_folder)
    with pytest.raises(psycopg.OperationalError, match=r"no password supplied|authentication failed"):
        psycopg.connect(url.replace(url.split(":")[2].split("@")[0], ""))


def test_a_port_taken_at_the_last_moment_is_named_in_one_sentence(lasting_folder, start):
    part, _ = postgres(lasting_folder)
    port = lasting_folder.ports()["postgres"]
    with socket.socket() as taken:
        taken.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        taken.bind(("127.0.0.1", port))
        taken.listen()
        with pytest.raises(CannotStart, match=r"^PostgreSQL did not start: .*could not .*postgres.log\)$"):
            start(part, lasting_folder)


def test_a_port_that_somebody_took_meanwhile_is_replaced(folder):
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        used = taken.getsockname()[1]
        (folder.root / "ports.json").write_text(json.dumps({"postgres": used}))

        assert folder.port("postgres") != used


def test_data_of_another_version_are_left_alone(folder):
    data = folder.root / "postgres" / "data"
    data.mkdir(parents=True)
    (data / "PG_VERSION").write_text("16\n")

    with pytest.raises(CannotStart, match=r"data is of PostgreSQL 16, this is 18: move it away to start anew"):
        postgres(folder)


def test_a_full_disk_is_said_in_plain_words():
    complaint = 'initdb: error: could not write file "x": No space left on device\ninitdb: removing data directory'
    assert why(complaint) == "the disk is full"


def test_it_runs_for_an_ordinary_user(ordinary_folder, run_python):
    process = run_python("-c", START_AND_STOP, str(ordinary_folder / "run"), ordinary=True)

    said, _ = process.communicate(timeout=60)

    assert said == f"owner {os.stat(ordinary_folder).st_uid}\n"


@pytest.mark.skipif(os.geteuid() != 0, reason="only root can be refused by PostgreSQL")
def test_it_runs_for_root_under_a_folder_closed_to_others(tmp_path, run_python):
    closed = tmp_path / "closed"
    closed.mkdir(mode=0o700)

    process = run_python("-c", START_AND_STOP, str(closed / "run"))

    said, _ = process.communicate(timeout=60)
    assert said.startswith("owner ")
    assert said != "owner 0\n"
    assert closed.stat().st_mode & 0o777 == 0o700
