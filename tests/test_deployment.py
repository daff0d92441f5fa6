"""What Django itself says of the settings behind HTTPS, and what the lock file holds."""

import os
import re
import subprocess
import sys
from pathlib import Path

HERE = Path(__file__).parent.parent


def test_the_settings_behind_https_pass_every_check_of_a_deployment(tmp_path):
    environment = os.environ | {"CANGO_HTTPS": "yes", "CANGO_RUN_DIR": str(tmp_path)}

    said = subprocess.run(
        [sys.executable, "manage.py", "check", "--deploy", "--fail-level", "WARNING"],
        cwd=HERE, env=environment, capture_output=True, text=True, timeout=120, check=False,
    )  # fmt: skip

    assert said.returncode == 0, said.stderr


def test_every_package_is_pinned_by_its_hash_and_from_no_other_host():
    lock = (HERE / "requirements.lock").read_text()
    packages = re.split(r"\n(?=[a-z0-9])", lock.strip())

    without = [one.splitlines()[0] for one in packages if "--hash=sha256:" not in one]

    assert without == []
    assert not re.search(r"https?://|--index-url|--extra-index-url|--find-links", lock)
