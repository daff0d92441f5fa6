"""The feed about the Bitcoin network: the part of mempool.space's REST interface that a miner asks for.

Paths and fields under /api/v1 as mempool.space documents them; reward-stats are strings of satoshis.
"""

import re
from hashlib import sha256
from typing import Any, Final

from cango_ops.estate import bitcoin
from cango_ops.estate.bitcoin import RETARGET, SUBSIDY_SAT, change_at, difficulty_at, fees_sat, found_at
from cango_ops.estate.chance import unit
from cango_ops.estate.http_server import HttpRequest, HttpResponse, json_response

DAY_S: Final = 86_400
POOLS: Final = ((111, "Foundry USA"), (44, "AntPool"), (36, "F2Pool"), (105, "ViaBTC"), (73, "Braiins Pool"))
SPANS: Final = {"3d": 3, "1w": 7, "1m": 30, "3m": 90, "6m": 180, "1y": 365, "2y": 730, "3y": 1_095}
RATES: Final = {"EUR": 0.91, "GBP": 0.78, "CAD": 1.38, "CHF": 0.88, "AUD": 1.52, "JPY": 151.0}


def respond(request: HttpRequest, t: float) -> HttpResponse:
    """One answer; 404 for what is not kept."""
    if request.method != "GET":
        return HttpResponse(405)
    path = request.path.removeprefix("/api").removeprefix("/v1")
    for pattern, render in ROUTES:
        if match := pattern.fullmatch(path):
            return json_response(render(t, request.query, *match.groups()))
    return HttpResponse(404, b"Cannot GET", "text/plain")


def difficulty_adjustment(t: float, query: dict[str, str]) -> dict[str, Any]:
    height = bitcoin.height_at(t)
    done = height % RETARGET
    epoch = height // RETARGET
    left = RETARGET - done
    return {
        "progressPercent": 100 * done / RETARGET, "difficultyChange": 100 * change_at(epoch + 1) * done / RETARGET,
        "estimatedRetargetDate": int((t + left * 600) * 1000), "remainingBlocks": left, "remainingTime": left * 600_000,
        "previousRetarget": 100 * change_at(epoch), "previousTime": int(found_at(epoch * RETARGET)),
        "nextRetargetHeight": (epoch + 1) * RETARGET, "timeAvg": 600_000, "adjustedTimeAvg": 600_000, "timeOffset": 0,
        "expectedBlocks": done,
    }  # fmt: skip


def block(height: int) -> dict[str, Any]:
    pool_id, name = POOLS[int(unit(height, 25) * len(POOLS))]
    fees = fees_sat(height)
    transactions = 1_500 + int(unit(height, 26) * 3_000)
    return {
        "id": block_hash(height), "height": height, "version": 536_870_912, "timestamp": int(found_at(height)),
        "bits": 386_089_497, "nonce": int(unit(height, 27) * 2**32), "difficulty": difficulty_at(height),
        "merkle_root": sha256(b"root%d" % height).hexdigest(), "tx_count": transactions, "size": 1_600_000,
        "weight": 3_993_000, "previousblockhash": block_hash(height - 1), "mediantime": int(found_at(height - 6)),
        "extras": {
            "totalFees": fees, "reward": SUBSIDY_SAT + fees, "avgFee": fees // transactions,
            "avgFeeRate": fees // 998_000, "medianFee": 2, "feeRange": [1, 1, 1, 2, 2, 4, 90],
            "pool": {"id": pool_id, "name": name, "slug": name.lower().replace(" ", "")},
        },
    }  # fmt: skip


def block_hash(height: int) -> str:
    return "0" * 19 + sha256(b"block%d" % height).hexdigest()[:45]


def blocks(t: float, query: dict[str, str], start: str | None = None) -> list[dict[str, Any]]:
    tip = bitcoin.height_at(t)
    top = min(tip, int(start)) if start else tip
    return [block(height) for height in range(top, top - 15, -1)]


def tip_height(t: float, query: dict[str, str]) -> int:
    return bitcoin.height_at(t)


def hashrate(t: float, query: dict[str, str], span: str) -> dict[str, Any]:
    today = int(t // DAY_S) * DAY_S
    days = [today - DAY_S * back for back in range(SPANS[span], 0, -1)]
    epochs = sorted({bitcoin.height_at(day) // RETARGET * RETARGET for day in days})
    return {
        "hashrates": [
            {"timestamp": day, "avgHashrate": bitcoin.hashrate_hs(day) * (0.97 + 0.06 * unit(day, 28))} for day in days
        ],
        "difficulty": [
            {"time": int(found_at(height)), "height": height, "difficulty": difficulty_at(height)} for height in epochs
        ],
        "currentHashrate": bitcoin.hashrate_hs(t),
        "currentDifficulty": difficulty_at(bitcoin.height_at(t)),
    }


def difficulty_adjustments(t: float, query: dict[str, str], span: str | None = None) -> list[list[float]]:
    """[time, height, difficulty, change as a factor] of the past epochs, the newest first."""
    epoch = bitcoin.height_at(t) // RETARGET
    count = SPANS.get(span or "1y", 365) // 14
    heights = [(epoch - back) * RETARGET for back in range(count)]
    return [[int(found_at(h)), h, difficulty_at(h), 1 + change_at(h // RETARGET)] for h in heights]


def reward_stats(t: float, query: dict[str, str], count: str) -> dict[str, Any]:
    tip = bitcoin.height_at(t)
    wanted = max(1, min(int(count), 4_032))
    fees = sum(fees_sat(height) for height in range(tip - wanted + 1, tip + 1))
    return {
        "startBlock": tip - wanted + 1, "endBlock": tip, "totalReward": str(wanted * SUBSIDY_SAT + fees),
        "totalFee": str(fees), "totalTx": str(wanted * 3_000),
    }  # fmt: skip


def fees(t: float, query: dict[str, str]) -> dict[str, int]:
    fast = 2 + int(4 * unit(int(t // 3600), 29))
    return {"fastestFee": fast, "halfHourFee": fast - 1, "hourFee": 1, "economyFee": 1, "minimumFee": 1}


def prices(t: float, query: dict[str, str]) -> dict[str, int]:
    usd = bitcoin.price_usd(t)
    return {"time": int(t), "USD": round(usd)} | {code: round(usd * rate) for code, rate in RATES.items()}


def historical_price(t: float, query: dict[str, str]) -> dict[str, Any]:
    said = query.get("timestamp", "")
    at = min(int(said), int(t)) if said.isdigit() else int(t)
    currency = query.get("currency", "USD")
    usd = bitcoin.price_usd(at)
    price = {"time": at, currency: round(usd * RATES.get(currency, 1.0), 1)}
    return {"prices": [price], "exchangeRates": {f"USD{code}": rate for code, rate in RATES.items()}}


ROUTES: Final = tuple(
    (re.compile(pattern), render)
    for pattern, render in (
        (r"/difficulty-adjustment", difficulty_adjustment),
        (r"/blocks(?:/(\d{1,8}))?", blocks),
        (r"/blocks/tip/height", tip_height),
        (r"/mining/hashrate/(3d|1w|1m|3m|6m|1y|2y|3y)", hashrate),
        (r"/mining/difficulty-adjustments(?:/(\w+))?", difficulty_adjustments),
        (r"/mining/reward-stats/(\d{1,5})", reward_stats),
        (r"/fees/recommended", fees),
        (r"/prices", prices),
        (r"/historical-price", historical_price),
    )
)
