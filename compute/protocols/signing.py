"""Signing in at a machine's web server: HTTP Digest, answered to the challenge of a 401. Pure.

Basic is not answered: whatever stands at the machine's address could ask for it, and would have the password.

Source: RFC 7616 and RFC 2617, section 3; Antminer's lighttpd asks for MD5 with qop "auth". MD5 here is the protocol's
choice. The client's nonce is made of the server's, so that the same challenge gives the same bytes.
"""

import re
from hashlib import md5, sha256

import msgspec

from cango_ops.wire import NoAnswer

_DIGEST = re.compile(r"(?:^|[,\s])digest\s+(.*)", re.IGNORECASE | re.DOTALL)
_FIELD = re.compile(r'(\w{1,20})\s*=\s*(?:"([^"]{0,400})"|([^\s,"]{1,400}))')
_UNSAFE = re.compile(r'["\r\n\\]')
_HASHES = {"": md5, "md5": md5, "sha-256": sha256}


# With it the password is hashed once more, with the nonces of both.
SESSION = "-sess"


class Login(msgspec.Struct, frozen=True):
    """What a machine wants to know of who asks. token: where the machine was given one that lasts."""

    user: str = ""
    password: str = ""
    token: str = ""

    def __repr__(self) -> str:
        return f"Login(user={self.user!r})"


class Signer:
    """Signs the requests to one machine, once it has seen a challenge. is_denied: the machine wants another login."""

    def __init__(self, login: Login | None) -> None:
        self.login = login
        self.challenge: dict[str, str] = {}
        self.count = 0
        self.is_denied = False
        self.secret = ""

    def learn(self, why: Exception) -> bool:
        """Whether the denial holds a challenge that this login can answer and has not answered in vain."""
        if self.login is None or not isinstance(why, NoAnswer) or why.reason != "denied":
            return False
        asked = _DIGEST.search(why.challenge[:4000])
        fields = {} if asked is None else fields_of(asked[1])
        if fields.get("nonce", "") in ("", self.challenge.get("nonce")):
            return False
        self.challenge, self.count, self.secret = fields, 0, ""
        return self._algorithm() in _HASHES

    def headers(self, method: str, path: str) -> dict[str, str]:
        """The Authorization header for a request; none before the first challenge."""
        if self.login is None or not self.challenge or self._algorithm() not in _HASHES:
            return {}
        return {"Authorization": self._digest(self.login, method, path)}

    def _algorithm(self) -> str:
        return self.challenge.get("algorithm", "").lower().removesuffix(SESSION)

    def _digest(self, login: Login, method: str, path: str) -> str:
        self.count += 1
        realm, nonce = self.challenge.get("realm", ""), self.challenge.get("nonce", "")
        secret = self.secret = self.secret or self._hash(f"{login.user}:{realm}:{login.password}")
        target = self._hash(f"{method}:{path}")
        parts = {"username": login.user, "realm": realm, "nonce": nonce, "uri": path}
        bare = {}
        number, own = f"{self.count:08x}", sha256(f"{nonce}{self.count}".encode()).hexdigest()[:16]
        if self.challenge.get("algorithm", "").lower().endswith(SESSION):
            secret, parts["cnonce"] = self._hash(f"{secret}:{nonce}:{own}"), own
        if "auth" in (offered.strip() for offered in self.challenge.get("qop", "").lower().split(",")):
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


def fields_of(challenge: str) -> dict[str, str]:
    """The fields of a challenge; of several challenges in a row those of the first."""
    fields: dict[str, str] = {}
    for name, quoted, bare in _FIELD.findall(challenge):
        fields.setdefault(name.lower(), quoted or bare)
    return fields


def _safe(value: str) -> str:
    """The value without what would end a header's string or line."""
    return _UNSAFE.sub("", value)
