"""The mining pool's REST interface in the shape of Braiins Pool: one account per operator, one worker per container.

Header Pool-Auth-Token (or the older SlushPool-Auth-Token); about one request in five seconds, with a small reserve,
else 429. Rates are in Gh/s and share-based: they scatter about what the machines say.
"""

from typing import Any, Final

from cango_ops.estate import bitcoin
from cango_ops.estate.chance import unit, wobble
from cango_ops.estate.dialects.pools import worker_of
from cango_ops.estate.faults import Fault
from cango_ops.estate.http_server import HttpRequest, HttpResponse, json_response
from cango_ops.estate.layout import Container
from cango_ops.estate.machine import Machine, Pulse
from cango_ops.estate.nameplates import PLATES
from cango_ops.estate.payouts import Payout, Payouts
from cango_ops.estate.site_state import MEAN_INLET_C, SiteState, derate
from cango_ops.estate.weather import ambient_c
from cango_ops.estate.world import World

UNIT: Final = "Gh/s"
FEE: Final = 0.02
SECONDS_PER_REQUEST: Final = 5.0
RESERVE: Final = 6
ALWAYS_LOST: Final = 0.985
DAY_S: Final = 86_400
TOKEN_HEADERS: Final = ("pool-auth-token", "slushpool-auth-token")


class Pool:
    """The pool's side: who may ask, how often, and what the machines have delivered."""

    def __init__(self, world: World) -> None:
        self.world = world
        self.operators = {token: code for code, token in world.layout.pool_tokens.items()}
        self._free_at: dict[str, float] = {}
        self._nameplates: dict[str, float] = {}
        self.payouts = Payouts(self.earned_btc)

    def respond(self, request: HttpRequest) -> HttpResponse:
        t = self.world.clock()
        if any(drill.name == "pool-down" for drill in self.world.drills.on(t)):
            return json_response({"detail": "service unavailable"}, 503)
        token = next((request.headers[name] for name in TOKEN_HEADERS if name in request.headers), "")
        operator = self.operators.get(token)
        if operator is None:
            return json_response({"detail": "authentication failed"}, 401)
        if not self._admits(token, t):
            return json_response({"detail": "request rate exceeded"}, 429)
        return self._page(request.path.strip("/"), operator, t)

    def _admits(self, token: str, t: float) -> bool:
        free_at = max(self._free_at.get(token, 0.0), t - RESERVE * SECONDS_PER_REQUEST)
        if free_at > t:
            return False
        self._free_at[token] = free_at + SECONDS_PER_REQUEST
        return True

    def _page(self, path: str, operator: str, t: float) -> HttpResponse:
        if path == "stats/json/btc":
            return json_response({"btc": _pool_stats(t)})
        if path == "accounts/profile/json/btc":
            return json_response({"username": operator.lower(), "btc": self._profile(operator, t)})
        if path == "accounts/workers/json/btc":
            return json_response({"btc": {"workers": self._workers(operator, t)}})
        if path.startswith("accounts/rewards/json/btc"):
            return json_response({"btc": {"daily_rewards": self._rewards(operator, t)}})
        if path.startswith("accounts/payouts/json/btc"):
            return json_response({"onchain": [_onchain(one) for one in self.payouts.of(operator, t)], "lightning": []})
        return json_response({"detail": "not found"}, 404)

    def _nameplate(self, site: SiteState, container: Container) -> float:
        key = f"{site.code}/{container.code}"
        if key not in self._nameplates:
            found = (PLATES.get(slot.model) for slot in container.slots)
            self._nameplates[key] = sum(plate.ths for plate in found if plate)
        return self._nameplates[key]

    def _delivered(self, site: SiteState, t: float) -> dict[str, float]:
        """TH/s by worker: the mean of untouched machines, and what touched ones do."""
        mining = [container for container in site.site.containers if container.kind != "gpu"]
        keeps = 0.0 if site.is_drilled("link-lost", t) else site.care * ALWAYS_LOST
        keeps *= derate(site.ambient(t) + MEAN_INLET_C)
        rates = {_worker_name(site, container): self._nameplate(site, container) * keeps for container in mining}
        for machine in site.touched.values() if keeps else ():
            if isinstance(machine, Machine):
                rates[worker_of(machine.place)] += _touched_ths(machine, t) - machine.plate.ths * keeps
        return rates

    def _sites(self, operator: str) -> list[SiteState]:
        return [site for site in self.world.sites if site.site.operator == operator]

    def _total(self, operator: str, t: float) -> float:
        return sum(sum(self._delivered(site, t).values()) for site in self._sites(operator))

    def _workers(self, operator: str, t: float) -> dict[str, Any]:
        workers = {}
        for site in self._sites(operator):
            for worker, ths in self._delivered(site, t).items():
                workers[f"{operator.lower()}.{worker}"] = _worker(site, worker, ths, t)
        return workers

    def _profile(self, operator: str, t: float) -> dict[str, Any]:
        ths = self._total(operator, t)
        day = ths * bitcoin.btc_per_ths_day(t) * (1 - FEE)
        today = day * (t % DAY_S) / DAY_S
        states = [worker["state"] for worker in self._workers(operator, t).values()]
        return {
            "all_time_reward": f"{day * 420 + today:.8f}", "hash_rate_unit": UNIT, "hash_rate_5m": _gh(ths, t, 0.012),
            "hash_rate_60m": _gh(ths, t, 0.004), "hash_rate_24h": _gh(ths, t, 0.001),
            "hash_rate_yesterday": _gh(ths, t - DAY_S, 0.001), "low_workers": states.count("low"),
            "off_workers": states.count("off"), "ok_workers": states.count("ok"), "dis_workers": 0,
            "current_balance": f"{today:.8f}", "today_reward": f"{today:.8f}", "estimated_reward": f"{day:.8f}",
            "shares_5m": int(ths * 70), "shares_60m": int(ths * 838), "shares_24h": int(ths * 20_117),
            "shares_yesterday": int(ths * 20_117),
        }  # fmt: skip

    def _rewards(self, operator: str, t: float) -> list[dict[str, Any]]:
        """The last 30 whole days, UTC."""
        rows = []
        for back in range(1, 31):
            start = int(t // DAY_S - back) * DAY_S
            day = self.earned_btc(operator, start)
            rows.append(
                {
                    "date": start, "total_reward": f"{day:.8f}", "mining_reward": f"{day:.8f}",
                    "bos_plus_reward": "0.00000000", "referral_bonus": "0.00000000", "referral_reward": "0.00000000",
                    "shares": int(self._steady_ths(operator, start) * 20_117), "calculation_date": start + DAY_S,
                }
            )  # fmt: skip
        return rows

    def earned_btc(self, operator: str, start: int) -> float:
        """What a whole day earned, whole satoshis: the same whenever it is asked for."""
        day = self._steady_ths(operator, start) * (0.99 + 0.015 * unit(start, 31))
        return int(day * bitcoin.btc_per_ths_day(start) * (1 - FEE) * 1e8) / 1e8

    def _steady_ths(self, operator: str, start: int) -> float:
        """The mean of a day of untouched machines, by how warm its noon was."""
        total = 0.0
        for site in self._sites(operator):
            inlet_c = ambient_c(site.climate, start + DAY_S / 2) + MEAN_INLET_C
            mining = [container for container in site.site.containers if container.kind != "gpu"]
            keeps = site.care * ALWAYS_LOST * derate(inlet_c)
            total += keeps * sum(self._nameplate(site, container) for container in mining)
        return total


def _onchain(payout: Payout) -> dict[str, Any]:
    return {
        "financial_account_name": "Bitcoin Account", "requested_at_ts": payout.paid_at - 1_800,
        "resolved_at_ts": payout.paid_at, "status": "confirmed", "amount_sats": payout.sat, "fee_sats": 0,
        "destination": "", "tx_id": payout.txid, "trigger_type": "triggered",
    }  # fmt: skip


def _worker_name(site: SiteState, container: Container) -> str:
    return worker_of(f"{site.code.lower()}.{container.code.lower()}s000")


def _touched_ths(machine: Machine, t: float) -> float:
    return 0.0 if machine.fault in (Fault.OFF, Fault.HUNG) else Pulse(machine, t).average_ths


def _gh(ths: float, t: float, spread: float) -> float:
    return round(ths * 1000 * (1 + spread * wobble(2.0, t / 60)), 3)


def _worker(site: SiteState, worker: str, ths: float, t: float) -> dict[str, Any]:
    phase = site.noise_phase + len(worker) + ord(worker[-1])
    now = ths * 1000 * (1 + 0.02 * wobble(phase, t / 60))
    return {
        "state": "ok" if ths > 1 else "off", "last_share": int(t) - 2 if ths > 1 else int(t) - 900,
        "hash_rate_unit": UNIT, "hash_rate_5m": round(max(0.0, now), 3), "hash_rate_60m": round(ths * 1000, 3),
        "hash_rate_24h": round(ths * 1000, 3), "shares_5m": int(ths * 70), "shares_60m": int(ths * 838),
        "shares_24h": int(ths * 20_117),
    }  # fmt: skip


def _pool_stats(t: float) -> dict[str, Any]:
    tip = bitcoin.height_at(t)
    share = 0.021 * bitcoin.hashrate_hs(t) / 1e9
    return {
        "hash_rate_unit": UNIT, "pool_active_workers": 148_000, "pool_5m_hash_rate": share, "pool_60m_hash_rate": share,
        "pool_24h_hash_rate": share, "update_ts": int(t), "fpps_rate": f"{bitcoin.btc_per_ths_day(t):.18f}",
        "blocks": {str(tip // 48 * 48): {"date_found": int(bitcoin.found_at(tip // 48 * 48)), "state": "confirmed"}},
    }  # fmt: skip
