"""Units of the trade and the few conversions between them. Pure.

Names carry the unit everywhere else; here are only the factors, each an exact power of ten or of sixty.
"""

from typing import Final

HASHES_PER_GH: Final = 10**9
HASHES_PER_TH: Final = 10**12
MHS_PER_THS: Final = 1_000_000
GHS_PER_THS: Final = 1_000
THS_PER_PHS: Final = 1_000
THS_PER_EHS: Final = 1_000_000
W_PER_KW: Final = 1_000
W_PER_MW: Final = 1_000_000
SATS_PER_BTC: Final = 100_000_000
SECONDS_PER_MINUTE: Final = 60
SECONDS_PER_HOUR: Final = 3_600
SECONDS_PER_DAY: Final = 86_400

# What one unit of a cgminer key is worth in TH/s: the key's prefix names the unit.
THS_PER_UNIT: Final = {
    "H": 1e-12,
    "KH": 1e-9,
    "MH": 1e-6,
    "GH": 1e-3,
    "TH": 1.0,
    "PH": 1e3,
    "EH": 1e6,
}


def efficiency_jth(power_w: float | None, hashrate_ths: float | None) -> float | None:
    """Joules per terahash, or None where either is missing or nothing is hashed.

    A machine that hashes nothing has no efficiency: it is not infinitely bad, it is off.
    """
    if power_w is None or hashrate_ths is None or hashrate_ths <= 0:
        return None
    return power_w / hashrate_ths
