"""HTTP Digest sign-in as Antminer's web server asks for it: MD5, qop auth, root/root from the factory. Pure.

Source: RFC 2617, section 3.
"""

import re
from hashlib import md5
from typing import Final

REALM: Final = "antMiner Configuration"
USER: Final = "root"
PASSWORD: Final = "root"  # noqa: S105 - the factory's
FIELD: Final = re.compile(r'(\w+)=(?:"([^"]*)"|([^\s,]*))')


def challenge(nonce: str) -> str:
    """The WWW-Authenticate header of a 401."""
    return f'Digest realm="{REALM}", nonce="{nonce}", algorithm=MD5, qop="auth"'


def is_signed(header: str, method: str, nonce: str) -> bool:
    """Whether this Authorization header was made with the password for this nonce and method."""
    if not header.startswith("Digest "):
        return False
    said = {name: quoted or bare for name, quoted, bare in FIELD.findall(header[7:])}
    if said.get("username") != USER or said.get("nonce") != nonce:
        return False
    return said.get("response") == response(method, said)


def response(method: str, said: dict[str, str]) -> str:
    """The hash that the client must have sent. said: the header's fields."""
    secret = _md5(f"{USER}:{REALM}:{PASSWORD}")
    target = _md5(f"{method}:{said.get('uri', '')}")
    middle = f"{said.get('nc', '')}:{said.get('cnonce', '')}:auth:" if said.get("qop") == "auth" else ""
    return _md5(f"{secret}:{said.get('nonce', '')}:{middle}{target}")


def _md5(text: str) -> str:
    return md5(text.encode(), usedforsecurity=False).hexdigest()
