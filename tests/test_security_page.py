"""docs/security.md names what there is."""

import re
from pathlib import Path

HERE = Path(__file__).parent
PAGE = (HERE.parent / "docs" / "security.md").read_text()


def test_every_test_that_it_names_exists():
    named = set(re.findall(r"`([\w/]+\.py)`", PAGE))

    assert len(named) > 50
    assert {path for path in named if not (HERE / path).is_file()} == set()


def test_no_fault_and_no_attack_is_left_out():
    rows = [line.split("|")[1] for line in PAGE.splitlines() if line.startswith(("| F", "| S"))]
    numbers = {word.strip() for row in rows for word in row.split(",")}

    assert numbers == {f"F{at}" for at in range(1, 27)} | {f"S{at}" for at in range(1, 23)}
