"""Signing in at a machine's web server: HTTP Digest, answered to the challenge of a 401. Pure.

Basic is not answered: whatever stands at the machine's address could ask for it, and would have the password.

Source: RFC 7616 and RFC 2617, section 3; Antminer's lighttpd asks for MD5 with qop "auth". MD5 here is the protocol's
choice. The client's nonce is made of the server's, so that the same challenge gives the same bytes.
"""

import re
from hashlib import md5, sha256

import msgspec

from cango_ops.wire import NoAnswer

_FIELD = re.compile(r'(\w{1,20})\s*=\s*(?:"([^"]{0,400})"|([^\s,"]{1,400}))')
_HASHES = {"": md5, "md5": md5, "sha-256": sha256}


class Login(msgspec.Struct, frozen=True):
    """What a machine wants to know of who asks. token: where the machine was given one that lasts."""

    user: str = ""
    password: str = ""
    token: str = ""

    def __repr__(self) -> str:
        return f"Login(user={self.user!r})"


class Signer:
    """Signs the requests to one machine, once it has seen a challenge."""

    def __init__(self, login: Login | None) -> None:
        self.login = login
        self.challenge: dict[str, str] = {}
        self.count = 0

    def learn(self, why: Exception) -> bool:
        """Whether the denial holds a challenge that this login can answer and has not answered in vain."""
        if self.login is None or not isinstance(why, NoAnswer) or why.reason != "denied":
            return False
        scheme, _, rest = why.challenge.strip().partition(" ")
        fields = {name.lower(): quoted or bare for name, quoted, bare in _FIELD.findall(rest[:4000])}
        if scheme.lower() != "digest" or (self.challenge and self.challenge.get("nonce") == fields.get("nonce")):
            return False
        self.challenge, self.count = fields, 0
        return self._algorithm() in _HASHES

    def headers(self, method: str, path: str) -> dict[str, str]:
        """The Authorization header for a request; none before the first challenge."""
        if self.login is None or not self.challenge or self._algorithm() not in _HASHES:
            return {}
        return {"Authorization": self._digest(self.login, method, path)}

    def _algorithm(self) -> str:
        return self.challenge.get("algorithm", "").lower()

    def _digest(self, login: Login, method: str, path: str) -> str:
        self.count += 1
        realm, nonce = self.challenge.get("realm", ""), self.challenge.get("nonce", "")
        secret, target = self._hash(f"{login.user}:{realm}:{login.password}"), self._hash(f"{method}:{path}")
        parts = {"username": login.user, "realm": realm, "nonce": nonce, "uri": path}
        bare = {}
        if "auth" in self.challenge.get("qop", "").split(","):
            number, own = f"{self.count:08x}", sha256(f"{nonce}{self.count}".encode()).hexdigest()[:16]
            parts |= {"cnonce": own, "response": self._hash(f"{secret}:{nonce}:{number}:{own}:auth:{target}")}
            bare = {"qop": "auth", "nc": number}
        else:
            parts["response"] = self._hash(f"{secret}:{nonce}:{target}")
        parts |= {name: self.challenge[name] for name in ("opaque",) if name in self.challenge}
        bare |= {"algorithm": self.challenge["algorithm"]} if "algorithm" in self.challenge else {}
        said = [f'{name}="{_safe(value)}"' for name, value in parts.items()]
        return "Digest " + ", ".join(said + [f"{name}={_safe(value)}" for name, value in bare.items()])

    def _hash(self, text: str) -> str:
        make = _HASHES[self._algorithm()]
        return make(text.encode(), usedforsecurity=False).hexdigest()


def _safe(value: str) -> str:
    """The value without what would end a header's string or line."""
    return re.sub(r'["\r\n\\]', "", value)
