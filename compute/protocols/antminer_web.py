"""The web side of Antminer stock firmware (HTTP 80, /cgi-bin/*.cgi), and the newer RPC that answers in its shape.

The CGIs want Digest sign-in; without one they answer 401, which is noted and no fault.
"""

from typing import Any

import msgspec

from cango_ops.http_frame import http_get
from cango_ops.wire import Ask, Conversation, Framing
from compute.protocols import cgminer, fields, miner_status
from compute.protocols.cgminer import Reply, first, parse_reply
from compute.protocols.reading import Board, Fault, Reading, State
from compute.protocols.signing import Login, Signer
from compute.protocols.talk import Talk

WEB_PORT = 80
VENDOR = "Bitmain"
# Scrypt, X11 and Ethash machines that write MH/s under the name GHS.
MEGA_AS_GIGA = ("Antminer L", "Antminer D3", "Antminer E")


class Web(msgspec.Struct, kw_only=True):
    """What the CGIs add to the RPC's answers."""

    stats: Reading | None = None
    model: str | None = None
    firmware: str | None = None
    mac: str | None = None
    serial: str | None = None
    asleep: bool = False
    errors: list[Fault] = []
    notes: list[str] = []


def ask_cgi(
    talk: Talk, signer: Signer, name: str, file: str, port: int | None = WEB_PORT
) -> Conversation[Reply | None]:
    """The answer of one CGI, signed where the machine asks for it; a refusal is noted and no fault.

    One server guards all of them: after a refusal the others are not asked.
    """
    path = f"/cgi-bin/{file}.cgi"
    if signer.is_denied:
        return None

    def make(headers: dict[str, str]) -> Ask:
        return Ask(name, http_get(path, headers), Framing.HTTP, port=port)

    return (yield from talk.ask_signed(make, path, parse_reply, signer))


def inspect(talk: Talk, login: Login | None, *, with_stats: bool) -> Conversation[Web]:
    """Asks the CGIs; every one of them may be refused."""
    web, signer = Web(), Signer(login)
    if with_stats:
        stats = yield from ask_cgi(talk, signer, "web_stats", "stats")
        web.stats = parse_stats(stats) if stats else None
    system = yield from ask_cgi(talk, signer, "get_system_info", "get_system_info")
    summary = yield from ask_cgi(talk, signer, "web_summary", "summary")
    conf = yield from ask_cgi(talk, signer, "get_miner_conf", "get_miner_conf")
    read_system_info(web, system or {})
    if with_stats and web.stats is None:
        status = yield from ask_cgi(talk, signer, "get_miner_status", "get_miner_status")
        web.stats = read_status(status, web.model or "") if status and "summary" in status else None
    web.asleep = is_asleep(conf or {})
    web.errors = faults_of_summary(first(summary, "SUMMARY"))
    return web


def read_status(tree: Reply, model: str) -> Reading:
    """The reading of the status page of older firmware."""
    reading = miner_status.read(tree, "MH" if model.startswith(MEGA_AS_GIGA) else "GH")
    reading.vendor = VENDOR
    reading.errors = faults_of_maps(miner_status.maps_of(tree))
    return reading


def read_system_info(web: Web, system: Reply) -> None:
    web.model = fields.text(system.get("minertype"))
    web.firmware = fields.text(system.get("system_filesystem_version"))
    web.mac = fields.mac(system.get("macaddr"))
    web.serial = fields.text(system.get("serinum", system.get("serial_no")))
    if system.get("macaddr") and web.mac is None:
        web.notes = [*web.notes, "macaddr is no MAC address"]


def is_asleep(conf: Reply) -> bool:
    """Work mode 1 is sleep, by either of its names."""
    modes = (conf.get("bitmain-work-mode"), conf.get("miner-mode"))
    return any(fields.count(mode) == 1 for mode in modes)


def parse_stats(reply: Reply, chip_scale: float = 1.0) -> Reading:
    """The reading of stats.cgi or of {"command":"stats","new_api":true}."""
    info, row = fields.table(reply.get("INFO")), first(reply, "STATS")
    model = fields.text(info.get("type"))
    unit = cgminer.unit_of(row)
    hashrate = fields.ths(row.get("rate_5s", row.get("rate_30m")), unit)
    uptime = fields.seconds(row.get("elapsed"))
    fans = [fields.rpm(speed) for speed in fields.sequence(row.get("fan"), 16)]
    chains = fields.rows(row.get("chain"), 16)
    return Reading(
        vendor=VENDOR,
        model=model,
        firmware=fields.text(info.get("miner_version")),
        uptime_s=uptime,
        state=cgminer.state_of(hashrate, uptime),
        hashrate_ths=hashrate,
        expected_hashrate_ths=fields.ths(row.get("rate_ideal"), unit) or None,
        power_w=fields.watts(fields.quantity(row.get("watt", row.get("chain_power")))),
        fans_rpm=[speed for speed in fans if speed is not None] if fans else None,
        boards=[_board(at, chain, unit, chip_scale, model) for at, chain in enumerate(chains)] if chains else None,
        errors=faults_of_maps([(at, str(chain.get("asic", ""))) for at, chain in enumerate(chains)]),
    )


def _board(at: int, chain: Reply, unit: str, chip_scale: float, model: str | None) -> Board:
    slot, chips = fields.count(chain.get("index")), fields.count(chain.get("asic_num"))
    pcb, chip = (fields.sequence(chain.get(key), 16) for key in ("temp_pcb", "temp_chip"))
    if is_water_cooled_s21(model):
        pcb, chip = without_coolant(pcb, fields.sequence(chain.get("temp_pic"), 16), chip)
    return Board(
        slot=at if slot is None else slot,
        hashrate_ths=fields.ths(chain.get("rate_real"), unit),
        temperature_c=fields.highest([fields.celsius(value) for value in pcb]),
        chip_temperature_c=fields.highest([scaled(value, chip_scale) for value in chip]),
        chips=chips,
    )


def is_water_cooled_s21(model: str | None) -> bool:
    words = (model or "").lower()
    return "s21" in words and "hyd" in words


def without_coolant(pcb: list[Any], pic: list[Any], chip: list[Any]) -> tuple[list[Any], list[Any]]:
    """The sensors of boards and of chips, less those of the water that stand among them on an S21 Hyd.

    Chips [in, out, 0, 0] is water alone. Where chips say nothing and the others are four each (S21+ Hyd), water stands
    in pcb[0] and pcb[2], and pic[0] is the chip. Source: telemetry of asic-rs for these models.
    """
    if len(chip) == 4 and any(chip) and not any(chip[2:]):
        return pcb, []
    if not any(chip) and len(pcb) == len(pic) == 4:
        return [pcb[1], pcb[3], *pic[1:]], pic[:1]
    return pcb, chip


def scaled(value: Any, scale: float) -> float | None:
    """A temperature written `scale` times too large."""
    read = fields.number(value)
    return fields.celsius(read / scale) if read is not None else None


def faults_of_maps(maps: list[tuple[int, str]]) -> list[Fault]:
    """A fault for each chain whose map of chips has an `x`."""
    dead = [(at, found.count("x")) for at, found in maps]
    return [Fault(code="dead_chips", message=f"chain {at}: {n} chips marked dead") for at, n in dead if n]


def faults_of_summary(row: Reply) -> list[Fault]:
    """The lamps of summary.cgi (rate, network, fans, temp) that are not `s`."""
    lamps = fields.rows(row.get("status"), 16)
    bad = [lamp for lamp in lamps if str(lamp.get("status", "")).lower() not in ("s", "", "none")]
    return [
        Fault(
            code=fields.text(lamp.get("code")),
            message=f"{fields.text(lamp.get('type'))}: {fields.text(lamp.get('msg'))}",
        )
        for lamp in bad
    ]


def check_unit(reading: Reading, summary: Reply) -> None:
    """Notes where the total of megahashes shows that "GHS" means MH/s (Scrypt machines such as the L3+)."""
    total, elapsed = fields.number(summary.get("Total MH")), fields.seconds(summary.get("Elapsed"))
    average = fields.number(summary.get("GHS av"))
    if total and elapsed and average and abs(total / elapsed - average) < 0.05 * average:
        reading.notes = [*reading.notes, "by Total MH the rates named GHS are MH/s"]


def complete(reading: Reading, row: Reply) -> None:
    """How long and how much, where only the summary says it: in RPC's names, or in those of the web with its unit."""
    if reading.uptime_s is None:
        reading.uptime_s = fields.seconds(row.get("Elapsed", row.get("elapsed")))
    if reading.hashrate_ths is None and isinstance(row.get("rate_unit"), str):
        reading.hashrate_ths = fields.ths(row.get("rate_5s"), row["rate_unit"])
        if reading.state is State.UNKNOWN:
            reading.state = cgminer.state_of(reading.hashrate_ths, reading.uptime_s)
    check_unit(reading, row)
