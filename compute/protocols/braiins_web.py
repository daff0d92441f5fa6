"""Braiins OS over HTTP: REST `/api/v1` from 25.07, GraphQL `/graphql` before it.

REST wants a token for most; without one it answers 401, which is noted. `GET /miner/status` is an endless stream and is
never asked. Source: BOS OpenAPI 25.07 and 26.04.
"""

from typing import Any

import msgspec

from cango_ops.http_frame import http_get, http_post
from cango_ops.wire import Ask, Conversation, Framing, Garbled
from compute.protocols import fields
from compute.protocols.reading import Board, Fault, Pool, Reading, State
from compute.protocols.signing import Login
from compute.protocols.talk import Talk
from compute.protocols.trees import Tree, at, flag, parse_list, parse_tree, pools_of

WEB_PORT = 80

STATUSES = {1: State.IDLE, 2: State.MINING, 3: State.SLEEPING, 4: State.FAULT, 5: State.MINING}
TUNING = 3
QUERIES = {
    "gql_system": "{bos{faultLight hostname info{version{full}} uptime{durationS}} bosminer{info{fans{name rpm speed}"
    " summary{power{approxConsumptionW limitW}} workSolver{nominalMhs realHashrate{mhs5S}}}}}",
    "gql_boards": "{bosminer{info{workSolver{childSolvers{name hwDetails{chips} nominalMhs realHashrate{mhs5S}"
    " temperatures{name degreesC}}}}}}",
    "gql_pools": "{bosminer{info{poolGroups{name pools{active status url user"
    " shares{acceptedSolutions rejectedSolutions}}}}}}",
    "gql_tuning": "{bosminer{config{... on AutotuningOut{autotuning{mode powerTarget hashrateTarget}}}"
    " info{summary{power{limitW}}}}}",
}


class Rest:
    """The REST questions of one conversation, with the token of its sign-in."""

    def __init__(self, token: str | None = None) -> None:
        self.headers = {"Authorization": token} if token else {}

    def ask(self, name: str, path: str) -> Ask:
        return Ask(name, http_get("/api/v1" + path, self.headers), Framing.HTTP, port=WEB_PORT)


def ask_login(login: Login) -> Ask:
    body = msgspec.json.encode({"username": login.user, "password": login.password})
    return Ask("auth_login", http_post("/api/v1/auth/login", body), Framing.HTTP, port=WEB_PORT)


def parse_token(raw: bytes) -> str:
    """The token as it goes into the header. Raises Garbled."""
    token = parse_tree(raw).get("token")
    if not isinstance(token, str) or not token.isascii() or not token.isprintable() or not 0 < len(token) <= 4096:
        raise Garbled("no token")
    return token


def ask_gql(name: str) -> Ask:
    return Ask(name, http_post("/graphql", msgspec.json.encode({"query": QUERIES[name]})), Framing.HTTP, port=WEB_PORT)


def read(talk: Talk, login: Login | None, *, everything: bool) -> Conversation[Reading | None]:
    """The reading of REST, else of GraphQL, else None."""
    rest = Rest((yield from _token(talk, login)) if login else None)
    stats = yield from talk.ask(rest.ask("miner_stats", "/miner/stats"), parse_tree, optional=True)
    if stats is not None and "miner_stats" in stats:
        return (yield from _read_rest(talk, rest, stats, everything=everything))
    system = yield from talk.ask(ask_gql("gql_system"), parse_tree, optional=True)
    if system is None or not isinstance(system.get("data"), dict):
        return None
    return (yield from _read_gql(talk, system["data"], everything=everything))


def _token(talk: Talk, login: Login) -> Conversation[str | None]:
    if login.token:
        return login.token
    return (yield from talk.ask(ask_login(login), parse_token, optional=True))


def _read_rest(talk: Talk, rest: Rest, stats: Tree, *, everything: bool) -> Conversation[Reading]:
    boards = yield from talk.ask(rest.ask("miner_hw_hashboards", "/miner/hw/hashboards"), parse_tree)
    cooling = yield from talk.ask(rest.ask("cooling_state", "/cooling/state"), parse_tree)
    details = yield from talk.ask(rest.ask("miner_details", "/miner/details"), parse_tree)
    tuner = yield from talk.ask(rest.ask("performance_tuner_state", "/performance/tuner-state"), parse_tree)
    reading = rest_reading(stats, details or {}, boards or {}, cooling or {}, tuner or {})
    if everything:
        pools = yield from talk.ask(rest.ask("pools", "/pools"), parse_list)
        errors = yield from talk.ask(rest.ask("miner_errors", "/miner/errors"), parse_tree, optional=True)
        reading.pools = rest_pools(pools) if pools is not None else None
        reading.errors = rest_errors(errors) if errors is not None else None
    return reading


def rest_reading(stats: Tree, details: Tree, boards: Tree, cooling: Tree, tuner: Tree) -> Reading:
    """A reading of the REST answers."""
    fans = [fields.rpm(fan.get("rpm")) for fan in fields.rows(cooling.get("fans"), 16)]
    target, scaled = targets(tuner)
    notes = [f"power scaling holds the target at {scaled:g} W"] if scaled and scaled != target else []
    return Reading(
        model=fields.text(at(details, "miner_identity", "miner_model"))
        or fields.text(at(details, "miner_identity", "name")),
        firmware=fields.text(at(details, "bos_version", "current")),
        mac=fields.mac(details.get("mac_address")),
        serial=fields.text(details.get("serial_number")),
        uptime_s=fields.seconds(details.get("bosminer_uptime_s", details.get("system_uptime_s"))),
        state=rest_state(details, tuner),
        hashrate_ths=rest_rate(at(stats, "miner_stats")),
        expected_hashrate_ths=_ghs(at(stats, "miner_stats", "nominal_hashrate")),
        power_w=fields.watts(at(stats, "power_stats", "approximated_consumption", "watt")),
        power_limit_w=target or scaled,
        fans_rpm=fields.without_unused_fans([speed for speed in fans if speed is not None]) if fans else None,
        boards=[rest_board(n, row) for n, row in enumerate(fields.rows(boards.get("hashboards"), 16))] or None,
        notes=notes,
    )


def targets(tuner: Tree) -> tuple[float | None, float | None]:
    """The configured power target and the one that power scaling holds now, in W."""
    mode = at(tuner, "mode_state", "powertargetmodestate")
    return fields.watts(at(mode, "profile", "target", "watt")), fields.watts(at(mode, "current_target", "watt"))


def rest_state(details: Tree, tuner: Tree) -> State:
    status = details.get("status")
    state = STATUSES.get(status, State.UNKNOWN) if isinstance(status, int) else State.UNKNOWN
    return State.TUNING if state is State.MINING and tuner.get("overall_tuner_state") == TUNING else state


def _ghs(node: Any) -> float | None:
    return fields.ths(at(node, "gigahash_per_second"), "GH")


def rest_rate(node: Any) -> float | None:
    """The rate of the last 5 seconds, else of the shortest span there is."""
    spans = ("last_5s", "last_15s", "last_30s", "last_1m", "last_5m")
    rates = [_ghs(at(node, "real_hashrate", span)) for span in spans]
    return next((rate for rate in rates if rate is not None), None)


def rest_board(place: int, row: Tree) -> Board:
    slot = fields.count(row.get("id"))
    return Board(
        slot=place if slot is None else slot,
        hashrate_ths=rest_rate(row.get("stats")),
        temperature_c=fields.celsius(at(row, "board_temp", "degree_c")),
        chip_temperature_c=fields.celsius(at(row, "highest_chip_temp", "temperature", "degree_c")),
        chips=fields.count(row.get("chips_count")),
    )


def rest_pools(groups: list[Any]) -> list[Pool]:
    """The pools of all groups."""
    found = [row for group in fields.rows(groups, 16) for row in fields.rows(group.get("pools"), 16)]
    return pools_of(found, flag("active"), within="stats", counts=("accepted_shares", "rejected_shares"))


def rest_errors(errors: Tree) -> list[Fault]:
    """Each message once: the log repeats itself."""
    found: dict[str, Fault] = {}
    for row in fields.rows(errors.get("errors"), 512):
        message = fields.text(row.get("message"))
        codes = fields.rows(row.get("error_codes"), 4)
        if message and len(found) < 64:
            found.setdefault(message, Fault(code=fields.text(codes[0].get("code")) if codes else None, message=message))
    return list(found.values())


def _read_gql(talk: Talk, system: Tree, *, everything: bool) -> Conversation[Reading]:
    boards = yield from talk.ask(ask_gql("gql_boards"), _gql_data)
    tuning = yield from talk.ask(ask_gql("gql_tuning"), _gql_data)
    reading = gql_reading(system, boards or {}, tuning or {})
    if everything:
        pools = yield from talk.ask(ask_gql("gql_pools"), _gql_data)
        path = "/cgi-bin/luci/admin/network/iface_status/lan"
        net = yield from talk.ask(Ask("net_conf", http_get(path), Framing.HTTP, WEB_PORT), parse_list, optional=True)
        reading.pools = gql_pools(pools) if pools is not None else None
        reading.mac = next((fields.mac(row.get("macaddr")) for row in fields.rows(net)), None)
    return reading


def _gql_data(raw: bytes) -> Tree:
    return fields.table(parse_tree(raw).get("data"))


def gql_reading(system: Tree, boards: Tree, tuning: Tree) -> Reading:
    """A reading of the GraphQL answers."""
    info = at(system, "bosminer", "info")
    hashrate = fields.ths(at(info, "workSolver", "realHashrate", "mhs5S"), "MH")
    fans = [fields.rpm(fan.get("rpm")) for fan in fields.rows(at(info, "fans"), 16)]
    limit = fields.watts(at(tuning, "bosminer", "config", "autotuning", "powerTarget"))
    solvers = fields.rows(at(boards, "bosminer", "info", "workSolver", "childSolvers"), 16)
    return Reading(
        firmware=fields.text(at(system, "bos", "info", "version", "full")),
        uptime_s=fields.seconds(at(system, "bos", "uptime", "durationS")),
        state=State.UNKNOWN if hashrate is None else State.MINING if hashrate else State.IDLE,
        hashrate_ths=hashrate,
        expected_hashrate_ths=fields.ths(at(info, "workSolver", "nominalMhs"), "MH") or None,
        power_w=fields.watts(at(info, "summary", "power", "approxConsumptionW")),
        power_limit_w=limit or fields.watts(at(info, "summary", "power", "limitW")),
        fans_rpm=fields.without_unused_fans([speed for speed in fans if speed is not None]) if fans else None,
        boards=[gql_board(place, row) for place, row in enumerate(solvers)] or None,
    )


def gql_board(place: int, row: Tree) -> Board:
    """Temperatures are named "Board" and "Chip", "Max Board" and "Max Chip", or MAX_BOARD and MAX_CHIP from 25.05."""
    named = {
        (fields.text(t.get("name")) or "").lower().replace("_", " "): fields.celsius(t.get("degreesC"))
        for t in fields.rows(row.get("temperatures"))
    }
    slot = fields.count(row.get("name"))
    return Board(
        slot=place if slot is None else slot,
        hashrate_ths=fields.ths(at(row, "realHashrate", "mhs5S"), "MH"),
        temperature_c=named.get("max board", named.get("board")),
        chip_temperature_c=named.get("max chip", named.get("chip")),
        chips=fields.count(at(row, "hwDetails", "chips")),
    )


def gql_pools(data: Tree) -> list[Pool]:
    groups = fields.rows(at(data, "bosminer", "info", "poolGroups"), 16)
    found = [row for group in groups for row in fields.rows(group.get("pools"), 16)]
    return pools_of(found, flag("active"), within="shares", counts=("acceptedSolutions", "rejectedSolutions"))
