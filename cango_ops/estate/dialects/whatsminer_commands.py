"""Whatsminer API v2 on port 4028: tokens and the encrypted commands.

A token lives 30 minutes and a machine grants 16 at a time; each command carries its token's sign inside the cipher. One
machine in twelve has its writing API switched off and says so. adjust_power_limit restarts the machine.
"""

from collections.abc import Callable
from typing import Any, Final

import msgspec

from cango_ops.estate.chance import hex_of
from cango_ops.estate.commands import limit, reboot, set_pools, sleep, wake
from cango_ops.estate.dialects.cgminer import Call, invalid, joined
from cango_ops.estate.dialects.whatsminer import DESCRIPTION, JOINABLE, MODES, OK, READS, plain
from cango_ops.estate.dialects.whatsminer_cipher import key_of, opened, sealed, sign_of
from cango_ops.estate.machine import Machine, Pulse

PASSWORD: Final = "admin"  # noqa: S105 - the factory's
TOKEN_LIFE_S: Final = 1800.0
MAX_TOKENS: Final = 16
GOT_TOKEN, FAILED, DENIED = 134, 132, 45
BAD_TOKEN, TOO_MANY_TOKENS, NO_BASE64 = 135, 136, 137
LIMIT_SETTLE_S: Final = 300.0
PCT_SETTLE_S: Final = 2.0

Outcome = tuple[int, str]


class Tokens:
    """Granted tokens by address: (sign, granted at). The key that seals a machine's talk never changes."""

    def __init__(self) -> None:
        self._granted: dict[str, list[tuple[str, float]]] = {}
        self._keys: dict[str, str] = {}

    def key(self, machine: Machine) -> str:
        found = self._keys.get(machine.address)
        if found is None:
            found = self._keys[machine.address] = key_of(PASSWORD, salt_of(machine))
        return found

    def live(self, address: str, t: float) -> list[tuple[str, float]]:
        kept = [token for token in self._granted.get(address, []) if t - token[1] < TOKEN_LIFE_S]
        self._granted[address] = kept
        return kept

    def grant(self, machine: Machine, time: str, newsalt: str, t: float) -> bool:
        granted = self.live(machine.address, t)
        if len(granted) >= MAX_TOKENS:
            return False
        granted.append((sign_of(self.key(machine), time, newsalt), t))
        return True

    def accepts(self, address: str, sign: str, t: float) -> bool:
        return any(sign == known for known, _ in self.live(address, t))


def salt_of(machine: Machine) -> str:
    return hex_of(machine.key, 93, 8)


def is_locked(machine: Machine) -> bool:
    """Whether its writing API is switched off."""
    return machine.key % 12 == 5


def answer(call: Call, tokens: Tokens) -> str:
    """The JSON of one answer."""
    request = call.request
    if request.body.get("enc"):
        return _sealed(call, tokens, str(request.body.get("data", "")))
    if request.command == "get_token":
        return _token(call, tokens)
    pulse, parts = Pulse(call.machine, call.t), request.command.split("+")
    if len(parts) > 1 and JOINABLE.issuperset(parts):
        return joined([(part, READS[part](call.machine, pulse)) for part in parts])
    if request.command in READS:
        return READS[request.command](call.machine, pulse)
    if request.command in WRITES:
        call.note(DENIED)
        return plain('"permission denied"', call.t, "E", DENIED)
    return invalid(request, DESCRIPTION, call.t)


def _token(call: Call, tokens: Tokens) -> str:
    machine, t = call.machine, call.t
    time, newsalt = str(int(t) % 10_000), hex_of(int(t * 1e6), 3, 8)
    if not tokens.grant(machine, time, newsalt, t):
        return plain('"token over max times"', t, "E", TOO_MANY_TOKENS)
    said = f'{{"time":"{time}","salt":"{salt_of(machine)}","newsalt":"{newsalt}"}}'
    return plain(said, t, code=GOT_TOKEN)


def _sealed(call: Call, tokens: Tokens, data: str) -> str:
    key = tokens.key(call.machine)
    try:
        body = msgspec.json.decode(opened(data, key), type=dict[str, Any])
    except (ValueError, msgspec.DecodeError):
        call.note(NO_BASE64, "enc", "")
        return plain('"enc json load err"', call.t, "E", NO_BASE64)
    command = str(body.pop("cmd", body.pop("command", "")))
    sign = str(body.pop("token", ""))
    code, said = _carry_out(call, tokens, command, sign, body)
    call.note(code, command, msgspec.json.encode(body).decode())
    letter = "S" if code == OK else "E"
    return f'{{"enc":"{sealed(plain(msgspec.json.encode(said).decode(), call.t, letter, code), key)}"}}'


def _carry_out(call: Call, tokens: Tokens, command: str, sign: str, body: dict[str, Any]) -> Outcome:
    if not tokens.accepts(call.machine.address, sign, call.t):
        return BAD_TOKEN, "token err"
    if is_locked(call.machine):
        return DENIED, "can't access write cmd"
    write = WRITES.get(command)
    if write is None:
        return 14, "invalid cmd"
    return write(call, body)


def power_off(call: Call, body: dict[str, Any]) -> Outcome:
    sleep(call.machine, call.t)
    return OK, "API command OK"


def power_on(call: Call, body: dict[str, Any]) -> Outcome:
    wake(call.machine, call.t)
    return OK, "API command OK"


def adjust_power_limit(call: Call, body: dict[str, Any]) -> Outcome:
    """The limit comes as text and may not exceed the nominal one."""
    said, most = body.get("power_limit"), round(call.machine.plate.watts * 1.05)
    if not isinstance(said, str) or not said.isdigit() or not 0 < int(said) <= most:
        return FAILED, "invalid power_limit"
    limit(call.machine, call.t, int(said), LIMIT_SETTLE_S, is_restarting=True)
    return OK, "API command OK"


def set_power_pct(call: Call, body: dict[str, Any]) -> Outcome:
    said = str(body.get("percent", ""))
    if not said.isdigit() or not 0 <= int(said) <= 100:
        return FAILED, "invalid percent"
    limit(call.machine, call.t, call.machine.plate.watts * int(said) / 100, PCT_SETTLE_S)
    return OK, "API command OK"


def _mode(name: str) -> Callable[[Call, dict[str, Any]], Outcome]:
    def set_mode(call: Call, body: dict[str, Any]) -> Outcome:
        limit(call.machine, call.t, call.machine.plate.watts * MODES[name], LIMIT_SETTLE_S, is_restarting=True)
        call.machine.commanded(call.t).settings["mode"] = name
        return OK, "API command OK"

    return set_mode


def restart(call: Call, body: dict[str, Any]) -> Outcome:
    reboot(call.machine, call.t)
    return OK, "API command OK"


def update_pools(call: Call, body: dict[str, Any]) -> Outcome:
    pools = [
        {"url": str(body[f"pool{n}"]), "user": str(body.get(f"worker{n}", "")), "pass": str(body.get(f"passwd{n}", ""))}
        for n in (1, 2, 3)
        if body.get(f"pool{n}")
    ]
    set_pools(call.machine, call.t, pools)
    return OK, "API command OK"


def set_led(call: Call, body: dict[str, Any]) -> Outcome:
    return OK, "API command OK"


WRITES: Final[dict[str, Callable[[Call, dict[str, Any]], Outcome]]] = {
    "power_off": power_off, "power_on": power_on, "adjust_power_limit": adjust_power_limit,
    "set_power_pct": set_power_pct, "set_power_pct_v2": set_power_pct, "set_low_power": _mode("low"),
    "set_normal_power": _mode("normal"), "set_high_power": _mode("high"), "restart_btminer": restart, "reboot": restart,
    "update_pools": update_pools, "set_led": set_led,
}  # fmt: skip
