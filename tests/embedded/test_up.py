import os
import socket
import subprocess

import pytest

from cango_ops.embedded import browser_files
from cango_ops.embedded.__main__ import main
from cango_ops.embedded.console import Wishes, processes, steps
from cango_ops.embedded.failure import CannotStart
from cango_ops.embedded.folder import RunFolder
from cango_ops.embedded.logs import rotate
from cango_ops.embedded.servers import reach_database, reach_redis, servers, without_owner
from cango_ops.embedded.up import demo_accounts, only_one, welcome

UP = ("-m", "cango_ops.embedded", "up")


def answer(process):
    said, _ = process.communicate(timeout=120)
    return process.returncode, said


def test_a_second_console_in_the_same_folder_is_refused(folder, run_python):
    with only_one(folder, Wishes(port=8123)):
        code, said = answer(run_python(*UP, CANGO_RUN_DIR=str(folder.root)))

    assert code == 1
    assert said == f"The console of this folder runs already: http://127.0.0.1:8123 (process {os.getpid()}).\n"


def test_a_taken_port_is_one_sentence(folder, run_python):
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        port = taken.getsockname()[1]
        code, said = answer(run_python(*UP, CANGO_RUN_DIR=str(folder.root), CANGO_HTTP_PORT=str(port)))

    assert code == 1
    assert said.startswith(f"Port {port} of 127.0.0.1 is taken by another program: ")
    assert said.count("\n") == 1


def test_a_wrong_port_is_one_sentence_with_the_name_of_the_variable(run_python):
    code, said = answer(run_python(*UP, CANGO_HTTP_PORT="http"))

    assert code == 1
    assert said == "CANGO_HTTP_PORT='http' is not usable: expected a whole number from 1 to 65535.\n"


@pytest.mark.parametrize(
    ("flag", "value", "said"),
    [
        ("--devices", "many", "DEVICES=many is not usable: expected a whole number from 42 to 1000000."),
        ("--devices", "41", "DEVICES=41 is not usable: expected a whole number from 42 to 1000000."),
        ("--seed", "-1", "SEED=-1 is not usable: expected a whole number from 0 to 2147483647."),
        ("--captures", "/nowhere", "CAPTURES=/nowhere is not usable: expected a folder."),
    ],
)
def test_a_wish_that_cannot_be_met_is_one_sentence(folder, capsys, monkeypatch, flag, value, said):
    monkeypatch.setenv("CANGO_RUN_DIR", str(folder.root))

    assert main(["up", f"{flag}={value}"]) == 1
    assert capsys.readouterr().err == f"{said}\n"


def test_an_unwritable_folder_is_one_sentence(ordinary_folder, run_python):
    closed = ordinary_folder / "closed"
    closed.mkdir(mode=0o555)

    code, said = answer(run_python(*UP, ordinary=True, CANGO_RUN_DIR=str(closed / "run")))

    assert code == 1
    assert said == f"{closed / 'run'} cannot be used: it may not be written.\n"


def test_a_folder_under_a_file_is_one_sentence(tmp_path, run_python):
    (tmp_path / "file").write_text("x")

    code, said = answer(run_python(*UP, CANGO_RUN_DIR=str(tmp_path / "file" / "run")))

    assert code == 1
    assert said == f"{tmp_path / 'file' / 'run'} cannot be used: part of the path is not a folder.\n"


@pytest.fixture
def full_disk(tmp_path):
    """A file system of 300 kB, where this user may mount one."""
    disk = tmp_path / "disk"
    disk.mkdir()
    mounted = subprocess.run(["mount", "-t", "tmpfs", "-o", "size=300k,mode=755", "tmpfs", disk], capture_output=True)
    if mounted.returncode:
        pytest.skip("this user may not mount a file system")
    yield disk
    subprocess.run(["umount", "-l", disk], check=True)


def test_a_full_disk_is_one_sentence(full_disk, run_python):
    code, said = answer(run_python(*UP, CANGO_RUN_DIR=str(full_disk / "run"), CANGO_HTTP_PORT="28999"))

    assert code == 1
    lines = said.splitlines()
    assert f"PostgreSQL cannot make its folder {full_disk / 'run' / 'postgres'}: the disk is full." in lines
    assert "Traceback" not in said


def test_a_database_that_does_not_answer_is_named_by_its_variable():
    with pytest.raises(CannotStart, match=r"^CANGO_DATABASE_URL is not usable: .*Connection refused"):
        reach_database("postgresql://cango@127.0.0.1:9/cango")


def test_a_redis_that_does_not_answer_is_named_by_its_variable():
    with pytest.raises(CannotStart, match=r"^CANGO_REDIS_URL is not usable: .*refused"):
        reach_redis("redis://127.0.0.1:9/0")


def test_the_console_signs_in_as_another_role_than_the_owner_of_its_tables(folder, monkeypatch):
    monkeypatch.delenv("CANGO_DATABASE_URL")
    said = []

    _, environment = servers(folder, said.append)

    assert said[0] == "The console signs in to PostgreSQL as cango_app, who owns nothing; cango owns the tables"
    assert environment["CANGO_DATABASE_URL"].startswith("postgresql://cango_app:")
    assert environment["CANGO_DATABASE_OWNER_URL"].startswith("postgresql://cango:")
    assert "CANGO_DATABASE_OWNER_URL" not in without_owner(environment)


def test_a_given_server_with_one_role_works_and_the_start_says_so(folder):
    said = []

    _, environment = servers(folder, said.append)

    assert environment["CANGO_DATABASE_URL"] == os.environ["CANGO_DATABASE_URL"]
    assert "CANGO_DATABASE_OWNER_URL" not in environment
    assert said[1].startswith("One role of PostgreSQL migrates and runs the console")


def test_a_given_server_may_name_the_owner_of_its_tables(folder, monkeypatch):
    monkeypatch.setenv("CANGO_DATABASE_OWNER_URL", os.environ["CANGO_DATABASE_URL"])

    _, environment = servers(folder, lambda line: None)

    assert environment["CANGO_DATABASE_OWNER_URL"] == os.environ["CANGO_DATABASE_URL"]


def test_an_owner_that_does_not_answer_is_named_by_its_variable(folder, monkeypatch):
    monkeypatch.setenv("CANGO_DATABASE_OWNER_URL", "postgresql://owner@127.0.0.1:9/cango")

    with pytest.raises(CannotStart, match=r"^CANGO_DATABASE_OWNER_URL is not usable: .*refused"):
        servers(folder, lambda line: None)


def test_an_owner_without_the_consoles_own_role_is_one_sentence(folder, monkeypatch):
    monkeypatch.setenv("CANGO_DATABASE_OWNER_URL", os.environ["CANGO_DATABASE_URL"])
    monkeypatch.delenv("CANGO_DATABASE_URL")

    with pytest.raises(CannotStart, match=r"^CANGO_DATABASE_OWNER_URL is given without CANGO_DATABASE_URL: name the"):
        servers(folder, lambda line: None)


def test_the_estate_and_its_sites_are_made_by_the_same_numbers():
    wishes = Wishes(devices=400_000, seed=7)
    seeds = {step.name: step.argv[3:] for step in steps(wishes, {})}
    runs = {part.name: part.argv[3:] for part in processes(wishes, {})}
    assert seeds["seed_estate"] == ("--devices", "400000", "--seed", "7")
    assert runs["estate"] == ("--devices", "400000", "--seed", "7")


def test_without_the_estate_nothing_of_it_starts():
    wishes = Wishes(estate=False)
    assert [step.name for step in steps(wishes, {})] == ["migrate", "collectstatic", "seed_demo"]
    assert steps(wishes, {})[-1].argv[-2:] == ("seed_demo", "--if-nobody")
    assert [part.name for part in processes(wishes, {})] == ["collect", "commands", "worker", "beat", "web"]


def test_the_files_of_the_browser_are_collected_again_only_when_one_changed(folder, tmp_path):
    script = tmp_path / "cango_ops" / "static" / "page.js"
    script.parent.mkdir(parents=True)
    script.write_text("one")
    (tmp_path / "requirements.lock").write_text("plotly==7.1.0")
    before = browser_files.state(tmp_path)
    assert browser_files.state(tmp_path) == before

    script.write_text("other")

    assert browser_files.state(tmp_path) != before


def test_what_was_collected_once_is_known(folder):
    assert not browser_files.are_collected(folder)
    (folder.root / "static").mkdir()

    browser_files.note_collected(folder)

    assert browser_files.are_collected(folder)


def test_the_welcome_names_the_address_and_every_account(folder):
    (folder.root / "demo_accounts.json").write_text(
        '[{"role": "viewer", "email": "viewer@example.com", "password": "three small words"}]'
    )
    lines = list(welcome(folder, Wishes(port=8001)))
    assert "The console answers at http://127.0.0.1:8001" in lines
    assert "  viewer@example.com  three small words  viewer" in lines


def test_without_accounts_the_welcome_is_shorter(tmp_path):
    assert demo_accounts(RunFolder(tmp_path)) == []


def test_a_long_log_is_copied_aside_and_its_writer_goes_on(folder):
    log = folder.log("web")
    with log.open("ab", buffering=0) as writer:
        writer.write(b"x" * 1001)

        assert rotate(folder.logs, limit_bytes=1000) == ["web.log"]

        writer.write(b"later")
    assert log.read_bytes() == b"later"
    assert (folder.logs / "web.log.1").read_bytes() == b"x" * 1001
    assert rotate(folder.logs, limit_bytes=1000) == []
