import re
from pathlib import Path

CHECKOUT = Path(__file__).resolve().parents[1]
READERS = r"env\.[a-z_]+\(\s*\"([A-Z_]+)\""
TESTS_ONLY = {"CANGO_TEST_DATABASE_URL", "CANGO_TEST_REDIS_URL"}


def variables_of_the_code():
    sources = [path for app in ("cango_ops", "sites", "compute", "treasury") for path in (CHECKOUT / app).rglob("*.py")]
    return {f"CANGO_{name}" for path in sources for name in re.findall(READERS, path.read_text())}


def variables_of_the_document():
    return set(re.findall(r"^\| `(CANGO_[A-Z_]+)` \|", (CHECKOUT / "docs/configuration.md").read_text(), re.MULTILINE))


def test_every_variable_is_documented_and_none_besides():
    assert variables_of_the_document() - TESTS_ONLY == variables_of_the_code()
