"""Reads and types the environment; a wrong value stops the start with its name and what was expected. Pure.

Every variable is documented in docs/configuration.md, and a test holds the two together.
"""

import os
import re
import tomllib
from base64 import urlsafe_b64decode
from binascii import Error as NotBase64
from collections.abc import Collection
from ipaddress import ip_address, ip_network
from pathlib import Path
from typing import Any, Final, NamedTuple, NoReturn
from urllib.parse import parse_qsl, unquote, urlsplit

PREFIX = "CANGO_"
# What stands behind the scheme of a URL: a login, a host, a port, a path.
AT_HOST: Final = r"://(?:[^\s/]+@)?(?:\[[0-9a-fA-F:.]+\]|[\w.-]+)(?::\d{1,5})?(?:[/?]\S*)?"
HTTP_URL: Final = f"https?{AT_HOST}"
HOST: Final = r"\.?[\w.-]+|\[?[0-9a-fA-F:.]+\]?"


class WrongSetting(SystemExit):
    """Ends the program with one sentence instead of a traceback, whichever entry point is starting."""


def refuse(name: str, value: str, expected: str) -> NoReturn:
    raise WrongSetting(f"{PREFIX}{name}={value!r} is not usable: expected {expected}.")


def raw(name: str) -> str | None:
    """The variable's text, or the content of the file that NAME_FILE points at (for secrets), or None."""
    path = os.environ.get(f"{PREFIX}{name}_FILE")
    if path:
        try:
            return Path(path).read_text().strip()
        except OSError as error:
            refuse(f"{name}_FILE", path, f"a readable file ({error.strerror})")
        except UnicodeDecodeError:
            refuse(f"{name}_FILE", path, "a file of text")
    return os.environ.get(PREFIX + name) or None


def text(name: str, default: str, pattern: str, expected: str) -> str:
    """The text, which fits the pattern as a whole."""
    value = raw(name)
    return default if value is None else fitting(name, value, pattern, expected)


def fitting(name: str, value: str, pattern: str, expected: str) -> str:
    if not re.fullmatch(pattern, value):
        refuse(name, hide_password(value), expected)
    return value


def fitting_words(name: str, default: list[str], pattern: str, expected: str) -> list[str]:
    """Words set apart by commas, each of which fits the pattern; only the one that does not is repeated."""
    return [fitting(name, word, pattern, expected) for word in words(name, default)]


def secret(name: str, shortest: int) -> str | None:
    """A text of at least so many characters, which is never repeated on a screen."""
    value = raw(name)
    if value is not None and len(value) < shortest:
        refuse(name, "...", f"at least {shortest} characters")
    return value


def words(name: str, default: list[str]) -> list[str]:
    value = raw(name)
    return [word.strip() for word in value.split(",") if word.strip()] if value else default


def tables(name: str, key: str, needs: Collection[str]) -> list[dict[str, Any]]:
    """The tables [[key]] of TOML, in the variable or in the file that NAME_FILE points at; none where it is not set.

    needs: what stands as a text in each of them.
    """
    value = raw(name)
    if value is None:
        return []
    try:
        found = tomllib.loads(value).get(key)
    except tomllib.TOMLDecodeError as error:
        refuse(name, "..", f"TOML ({error})")
    if not isinstance(found, list) or not all(isinstance(row, dict) for row in found):
        refuse(name, "..", f"tables [[{key}]]")
    for number, row in enumerate(found, 1):
        missing = [word for word in needs if not (isinstance(row.get(word), str) and row[word])]
        if missing:
            refuse(name, "..", f"{' and '.join(missing)} as text in [[{key}]] number {number}")
    return found


def flag(name: str, default: bool) -> bool:
    value = raw(name)
    if value is None:
        return default
    if value.lower() in {"1", "true", "yes", "on"}:
        return True
    if value.lower() in {"0", "false", "no", "off"}:
        return False
    refuse(name, value, "1 or 0, true or false, yes or no, on or off")


def whole(name: str, default: int, lowest: int, highest: int) -> int:
    value = raw(name)
    if value is None:
        return default
    expected = f"a whole number from {lowest} to {highest}"
    try:
        number = int(value)
    except ValueError:
        refuse(name, value, expected)
    if not lowest <= number <= highest:
        refuse(name, value, expected)
    return number


def port_pairs(name: str) -> dict[int, int]:
    """Pairs such as 80:8081,8000:18000: the port as it is usually known, and where it stands instead."""
    pairs = {}
    for word in words(name, []):
        usual, colon, moved = word.partition(":")
        if not (colon and usual.isdecimal() and moved.isdecimal() and 0 < int(usual) < 65536 > int(moved) > 0):
            refuse(name, raw(name) or "", "pairs of ports such as 80:8081,8000:18000")
        pairs[int(usual)] = int(moved)
    return pairs


def networks(name: str, default: list[str]) -> list[str]:
    """Networks such as 10.0.0.0/8, as they are usually written."""
    found = words(name, default)
    try:
        return [str(ip_network(word)) for word in found]
    except ValueError as error:
        refuse(name, raw(name) or "", f"networks such as 10.0.0.0/8,fd00::/8 ({error})")


def fernet_keys(name: str) -> list[str] | None:
    """Keys that open sealed columns, the newest first, or None where the variable is not set."""
    value = raw(name)
    return as_fernet_keys(name, value) if value else None


def as_fernet_keys(name: str, value: str) -> list[str]:
    """The keys in a text, set apart by blanks, lines or commas. A wrong one is never repeated on a screen."""
    keys = value.replace(",", " ").split()
    if not keys or not all(is_fernet_key(key) for key in keys):
        refuse(name, "...", "keys of 32 bytes in URL-safe base64, the newest first (rotate_credentials --new-key)")
    return keys


def is_fernet_key(text: str) -> bool:
    try:
        return len(urlsafe_b64decode(text)) == 32
    except (NotBase64, ValueError):
        return False


def folder(name: str, default: Path) -> Path:
    value = raw(name)
    path = Path(value).expanduser() if value else default
    if path.exists() and not path.is_dir():
        refuse(name, str(path), "a folder")
    return path.absolute()


def database(name: str, default: str) -> dict[str, Any]:
    """Django's DATABASES entry of a URL such as postgresql://user:secret@host:5432/name?sslmode=require."""
    value = raw(name) or default
    expected = "a URL such as postgresql://user:password@host:5432/name"
    try:
        url = urlsplit(value)
        port = url.port
    except ValueError:
        refuse(name, hide_password(value), expected)
    if url.scheme not in {"postgresql", "postgres"} or not url.path.strip("/"):
        refuse(name, hide_password(value), expected)
    options = dict(parse_qsl(url.query))
    return {
        "ENGINE": "django.db.backends.postgresql",
        "NAME": unquote(url.path.lstrip("/")),
        "USER": unquote(url.username or ""),
        "PASSWORD": unquote(url.password or ""),
        "HOST": options.pop("host", unquote(url.hostname or "")),
        "PORT": str(port or ""),
        "OPTIONS": options,
    }


def other_database(name: str) -> dict[str, Any] | None:
    """The same of a further role or server, or None where the variable is not set."""
    return database(name, "") if raw(name) else None


def redis_url(name: str, default: str) -> str:
    value = raw(name) or default
    expected = "a URL such as redis://127.0.0.1:6379/0, rediss://... or unix:///path/to/socket"
    try:
        url = urlsplit(value)
        _ = url.port
    except ValueError:
        refuse(name, hide_password(value), expected)
    if url.scheme not in {"redis", "rediss", "unix"} or not (url.scheme == "unix" or re.fullmatch(r"/?\d*", url.path)):
        refuse(name, hide_password(value), expected)
    return value


class MailServer(NamedTuple):
    """Where mail is handed in. is_tls: from the first byte (smtps); starts_tls: asked for on the open connection."""

    host: str
    port: int
    user: str
    password: str
    is_tls: bool
    starts_tls: bool


def mail_server(name: str) -> MailServer | None:
    """A mail server's URL, or None where the variable is not set. smtp is plain, smtp+tls and smtps are not."""
    value = raw(name)
    if value is None:
        return None
    expected = "a URL such as smtp+tls://user:password@mail.example.com:587, smtps://... or smtp://..."
    try:
        url = urlsplit(value)
        port = url.port
    except ValueError:
        refuse(name, hide_password(value), expected)
    usual = {"smtp": 25, "smtp+tls": 587, "smtps": 465}
    if url.scheme not in usual or not url.hostname:
        refuse(name, hide_password(value), expected)
    return MailServer(
        url.hostname, port or usual[url.scheme], unquote(url.username or ""), unquote(url.password or ""),
        url.scheme == "smtps", url.scheme == "smtp+tls",
    )  # fmt: skip


def address_url(name: str) -> str | None:
    """An http:// URL of a literal IP address, or None where the variable is not set."""
    value = raw(name)
    if value is None:
        return None
    try:
        url = urlsplit(value)
        ip_address(url.hostname or "")
        is_http = url.scheme in {"http", "https"} and url.port != 0
    except ValueError:
        is_http = False
    if not is_http:
        refuse(name, hide_password(value), "a URL such as http://10.0.0.5:8999/api/v1, with an IP address")
    return value


def hide_password(value: str) -> str:
    """The same URL with its password as three dots, fit for a screen or a log."""
    head, at, tail = value.rpartition("@")
    if not at or ":" not in head.split("//", 1)[-1]:
        return value
    return head[: head.rindex(":")] + ":..." + at + tail
