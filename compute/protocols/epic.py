"""ePIC PowerPlay (UMC and BMS boards): HTTP on TCP 4028, which is not the cgminer protocol.

Reads are open; a body of 200 may still say {"result":false,"error":..}. Rates are in MH/s, the first of the list
`Hashrate`. A board that is not enabled is no board that works. Source: ePIC OpenAPI 1.22.5 and 1.30.0.
"""

from typing import Any, ClassVar

from cango_ops.http_frame import http_get
from cango_ops.wire import Ask, Framing, Garbled
from compute.protocols import cgminer, fields
from compute.protocols.reading import Board, Fault, Pool, Reading, ReadingTalk, State
from compute.protocols.talk import Talk
from compute.protocols.trees import Tree, at, parse_list
from compute.protocols.trees import parse_tree as parse_object

STATES = {
    "mining": State.MINING,
    "idling": State.SLEEPING,
    "idle": State.SLEEPING,
    "autotuning": State.TUNING,
    "tuning": State.TUNING,
    "starting": State.STARTING,
    "stopped": State.SLEEPING,
    "error": State.FAULT,
}

# Said while no hash board is alive.
NO_MODELS = ("undefined", "unknown")


def ask(name: str) -> Ask:
    return Ask(name, http_get(f"/{name}"), Framing.HTTP)


def parse_tree(raw: bytes) -> Tree:
    """An object. Raises Garbled, also for {"result":false}."""
    tree = parse_object(raw)
    if tree.get("result") is False:
        raise Garbled(f"refused: {fields.text(tree.get('error'))}")
    return tree


def read(summary: Tree) -> Reading:
    """Most of a reading, of /summary."""
    boards = _boards(summary)
    session = fields.table(summary.get("Session"))
    hashrate = fields.total([board.hashrate_ths for board in boards])
    if hashrate is None:
        hashrate = fields.ths(session.get("Average MHs"), "MH")
    said = fields.text(at(summary, "Status", "Operating State"))
    return Reading(
        firmware=fields.text(summary.get("Software")),
        uptime_s=fields.seconds(session.get("Uptime")),
        state=STATES.get(said.lower(), State.UNKNOWN) if said else cgminer.state_of(hashrate, None),
        hashrate_ths=hashrate,
        expected_hashrate_ths=_target_ths(summary),
        power_w=fields.watts(at(summary, "Power Supply Stats", "Input Power")),
        power_limit_w=fields.watts(at(summary, "PresetInfo", "Target Power")) or None,
        fans_rpm=_fans(fields.table(summary.get("Fans Rpm"))),
        boards=boards or None,
        pools=_pools(summary, session),
        errors=_faults(summary),
    )


def _target_ths(summary: Tree) -> float | None:
    """What the tuner aims at, in the unit it names."""
    algorithms = fields.table(at(summary, "PerpetualTune", "Algorithm")).values()
    targets = [fields.table(entry) for entry in algorithms]
    unit = next((entry["Unit"] for entry in targets if isinstance(entry.get("Unit"), str)), "TH/s")
    return next((fields.ths(entry.get("Target"), unit) for entry in targets), None) or None


def _fans(table: Tree) -> list[int] | None:
    """The fans in the order of their numbers; null is a place without one."""
    numbered = [fields.rpm(table.get(f"Fans Speed {at}")) for at in range(1, 13)]
    return [speed for speed in numbered if speed is not None] or None


def _boards(summary: Tree) -> list[Board]:
    """The boards that report, and those detected that do not: a board that is off is still in the machine."""
    boards = [_board(place, row) for place, row in enumerate(fields.rows(summary.get("HBs"), 16))]
    known = {board.slot for board in boards}
    for row in fields.rows(summary.get("HBStatus"), 16):
        slot = fields.count(row.get("Index"))
        if slot is not None and slot not in known and row.get("Detected") is True:
            boards.append(Board(slot=slot))
    return sorted(boards, key=lambda board: board.slot)


def _board(place: int, row: Tree) -> Board:
    slot, rates = fields.count(row.get("Index")), fields.sequence(row.get("Hashrate"))
    return Board(
        slot=place if slot is None else slot,
        hashrate_ths=fields.ths(rates[0], "MH") if rates else None,
        temperature_c=fields.celsius(row.get("Temperature")),
    )


def _pools(summary: Tree, session: Tree) -> list[Pool]:
    """The configured pools; shares are counted for the machine, so they stand at the one in use."""
    current = fields.pool_url(at(summary, "Stratum", "Current Pool"))
    connected = at(summary, "Stratum", "IsPoolConnected") is True
    pools = []
    for row in fields.rows(summary.get("StratumConfigs"), 16):
        url = fields.pool_url(row.get("pool"))
        if url is not None:
            used = current is not None and current in (url, url.partition("://")[2])
            pools.append(Pool(url=url, user=fields.text(row.get("login")), active=used and connected))
    if not pools and current is not None:  # epic-miner 2 names the one in use alone
        pools.append(Pool(url=current, user=fields.text(at(summary, "Stratum", "Current User")), active=True))
    for pool in pools:
        if pool.active:
            pool.accepted, pool.rejected = fields.count(session.get("Accepted")), fields.count(session.get("Rejected"))
            break
    return pools


def _faults(summary: Tree) -> list[Fault]:
    off = [row for row in fields.rows(summary.get("HBStatus"), 16) if row.get("Enabled") is False]
    faults = [Fault(code="board_off", message=f"board {fields.text(row.get('Index'))} is not enabled") for row in off]
    said = [fields.text(at(summary, "Status", "Last Error")), fields.text(summary.get("Last License Error"))]
    return faults + [Fault(message=message) for message in said if message]


def add_details(reading: Reading, capabilities: Tree, network: Tree, temps: list[Any]) -> None:
    """Who it is, and what the separate reports say of each board."""
    said = fields.text(capabilities.get("Model"))
    reading.model = None if said in NO_MODELS else said
    interface = next((part for part in network.values() if isinstance(part, dict)), {})
    reading.mac = fields.mac(interface.get("mac_address"))
    chips = fields.count(at(capabilities, "Performance Estimator", "Chip Count"))
    by_slot = {row.get("Index"): row for row in fields.rows(temps, 16) if isinstance(row.get("Index"), int)}
    for board in reading.boards or []:
        data = fields.sequence(by_slot.get(board.slot, {}).get("Data"), 64)
        board.temperature_c = fields.highest([board.temperature_c, *(fields.celsius(value) for value in data)])
        board.chips = chips


class Epic:
    """Machines with an ePIC control board or firmware. One connection per sweep."""

    name: ClassVar[str] = "epic"
    port: ClassVar[int] = 4028

    def poll(self) -> ReadingTalk:
        talk = Talk()
        summary = yield from talk.ask(ask("summary"), parse_tree)
        return talk.finish(read(summary or {}))

    def inspect(self) -> ReadingTalk:
        talk = Talk()
        summary = yield from talk.ask(ask("summary"), parse_tree)
        capabilities = yield from talk.ask(ask("capabilities"), parse_tree)
        network = yield from talk.ask(ask("network"), parse_tree)
        temps = yield from talk.ask(ask("temps"), parse_list, optional=True)
        reading = read(summary or {})
        add_details(reading, capabilities or {}, network or {}, temps or [])
        return talk.finish(reading, identity=True)
