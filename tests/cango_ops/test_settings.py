"""What settings.py makes of the environment: each variable with a value that cannot be used, and with some that can."""

import re
import runpy
from pathlib import Path

import pytest

from cango_ops.env import WrongSetting
from compute.feeds import spot_price
from treasury.wallets import sources

SETTINGS = Path(__file__).resolve().parents[2] / "cango_ops" / "settings.py"
# variable, a value that is not usable, and what the sentence says was expected.
WRONG = [
    ("DATABASE_URL", "mysql://db/cango", "postgresql://user:password@host:5432/name"),
    ("DATABASE_URL", "postgresql://db:99999/cango", "postgresql://user:password@host:5432/name"),
    ("DATABASE_OWNER_URL", "cango", "postgresql://user:password@host:5432/name"),
    ("REDIS_URL", "http://redis", "redis://127.0.0.1:6379/0"),
    ("REDIS_URL", "redis://redis:6379/first", "redis://127.0.0.1:6379/0"),
    ("NETWORK_URL", "http://mempool.space/api/v1", "with an IP address"),
    ("NETWORK_URL", "ftp://10.0.0.5/", "http://10.0.0.5:8999/api/v1"),
    ("POWER_PRICE_URL", "10.0.0.6:8080", "with an IP address"),
    ("BITCOIN_RPC_URL", "10.0.0.6:8332", "http://user:password@10.0.0.6:8332/"),
    ("PRICE_URLS", "https://api.coinbase.com", "coinbase=, kraken= or mempool="),
    ("CHAIN_URLS", "core=http://10.0.0.6:8332/,gopher=http://x", "'gopher=http://x'"),
    ("CHAIN_URLS", "electrum=http://10.0.0.8", "ssl or tcp"),
    ("POOLS", "braiins", "TOML"),
    ("POOLS", "[pool]\nname = 'Main'", "tables [[pool]]"),
    ("POOLS", "[[pool]]\nname = 'Main'\noperator = 'CANGO'", "provider as text in [[pool]] number 1"),
    ("POOLS_FILE", "/nowhere", "a readable file (No such file or directory)"),
    ("PUBLIC_URL", "ops.example.com", "https://ops.example.com"),
    ("SMTP_URL", "mail.example.com", "smtp+tls://user:password@mail.example.com:587"),
    ("MAIL_FROM", "the console", "console@example.com"),
    ("WEBHOOK_HOSTS", "https://hooks.example.com/", "hooks.example.com"),
    ("WEBHOOK_NETWORKS", "10.1.2.3/24", "has host bits set"),
    ("HEARTBEAT_URL", "hc-ping.com/abc", "https://hc-ping.com/"),
    ("DATABASE_POOL", "0", "a whole number from 1 to 500"),
    ("RUN_DIR", __file__, "a folder"),
    ("SECRET_KEY", "short", "at least 32 characters"),
    ("CREDENTIAL_KEYS", "short", "32 bytes in URL-safe base64"),
    ("HTTP_PORT", "65536", "a whole number from 1 to 65535"),
    ("ALLOWED_HOSTS", "https://ops.example.com", "host names such as ops.example.com"),
    ("TRUSTED_ORIGINS", "ops.example.com", "https://ops.example.com"),
    ("TRUSTED_ORIGINS", "https://ops.example.com/console", "without a path"),
    ("HTTPS", "perhaps", "1 or 0"),
    ("DEBUG", "2", "1 or 0"),
    ("COLLECTED_FILES", "all", "1 or 0"),
    ("LOG_LEVEL", "LOUD", "DEBUG, INFO, WARNING or ERROR"),
    ("SWEEP_S", "1", "a whole number from 5 to 3600"),
    ("DETAIL_S", "-1", "a whole number from 0 to 86400"),
    ("COLLECTOR_SLOTS", "none", "a whole number from 1 to 256"),
    ("MACHINE_NETWORKS", "the office", "networks such as 10.0.0.0/8"),
    ("MOVED_PORTS", "80", "pairs of ports such as 80:8081"),
]


@pytest.fixture
def settings_with(monkeypatch):
    def read(name: str, value: str) -> dict[str, object]:
        monkeypatch.setenv(f"CANGO_{name}", value)
        return runpy.run_path(str(SETTINGS))

    return read


@pytest.mark.parametrize(("name", "value", "expected"), WRONG)
def test_a_wrong_value_stops_the_start_with_its_variable_and_what_was_expected(settings_with, name, value, expected):
    with pytest.raises(WrongSetting) as refused:
        settings_with(name, value)

    words = str(refused.value)
    assert words.startswith(f"CANGO_{name}=")
    assert expected in words
    assert "\n" not in words


def test_every_variable_of_the_settings_is_tried_with_a_wrong_value():
    text = SETTINGS.read_text()

    assert set(re.findall(r"env\.[a-z_]+\(\s*\"([A-Z_]+)\"", text)) == {
        name.removesuffix("_FILE") for name, _, _ in WRONG
    }


def test_a_file_that_holds_no_text_is_named(settings_with, tmp_path):
    (tmp_path / "pools").write_bytes(b"\x89PNG")

    with pytest.raises(WrongSetting, match=r"CANGO_POOLS_FILE=.* expected a file of text"):
        settings_with("POOLS_FILE", str(tmp_path / "pools"))


@pytest.mark.parametrize(("name", "value"), [("SECRET_KEY", "hush"), ("BITCOIN_RPC_URL", "user:hush@10.0.0.6")])
def test_a_secret_is_not_repeated(settings_with, name, value):
    with pytest.raises(WrongSetting) as refused:
        settings_with(name, value)

    assert "hush" not in str(refused.value)


@pytest.mark.parametrize(
    ("name", "value", "setting"),
    [
        ("PUBLIC_URL", "https://ops.example.com/console/", "https://ops.example.com/console"),
        ("HEARTBEAT_URL", "https://hc-ping.com/0a-1b?x=1", "https://hc-ping.com/0a-1b?x=1"),
        ("ALLOWED_HOSTS", "ops.example.com, .example.org,[fd00::1]", ["ops.example.com", ".example.org", "[fd00::1]"]),
        ("WEBHOOK_HOSTS", "127.0.0.1,.example.com", ["127.0.0.1", ".example.com"]),
        ("BITCOIN_RPC_URL", "http://user:p@ss@[fd00::6]:8332/", "http://user:p@ss@[fd00::6]:8332/"),
        ("PRICE_URLS", "kraken=https://api.kraken.com", ["kraken=https://api.kraken.com"]),
        ("LOG_LEVEL", "warning", "WARNING"),
    ],
)
def test_a_usable_value_is_taken(settings_with, name, value, setting):
    assert settings_with(name, value)[name] == setting


@pytest.mark.parametrize("kind", spot_price.KINDS)
def test_every_source_of_the_price_may_be_named(settings_with, kind):
    assert settings_with("PRICE_URLS", f"{kind}=https://example.com")["PRICE_URLS"]


@pytest.mark.parametrize(("kind", "schemes"), sources.KINDS.items())
def test_every_source_of_the_chain_may_be_named(settings_with, kind, schemes):
    for scheme in schemes:
        assert settings_with("CHAIN_URLS", f"{kind}={scheme}://node.example.com:50002")["CHAIN_URLS"]
