"""Amounts as people say them: small sites in kilowatts and cents, large ones in megawatts and dollars. Pure."""

KW_PER_MW, W_PER_MW = 1e3, 1e6
MINUS = "−"
# Below so many dollars the cents are what matters.
SMALL_USD = 10.0


def power_text(mw: float, *, signed: bool = False) -> str:
    """ "4.2 MW", "470 kW", "3.4 kW", "60 W"; with a sign where asked for."""
    size = abs(mw)
    if size >= 1 - 5e-5:
        number, unit = f"{size:,.1f}", "MW"
    elif size >= 0.01 or not size:
        number, unit = f"{size * KW_PER_MW:,.0f}", "kW"
    elif size >= 1 / KW_PER_MW:
        number, unit = f"{size * KW_PER_MW:,.1f}", "kW"
    else:
        number, unit = f"{size * W_PER_MW:,.0f}", "W"
    sign = MINUS if mw < 0 else "+" if signed and mw > 0 else ""
    return f"{sign}{number} {unit}"


def dollars(usd: float, *, cents: bool = False) -> str:
    """ "$4,100", "−$25", "$0.42"; cents: whatever the amount."""
    if not cents and abs(usd) < 0.005:
        return "$0"
    text = f"{abs(usd):,.2f}" if cents or abs(usd) < SMALL_USD else f"{abs(usd):,.0f}"
    return f"{MINUS if usd < 0 else ''}${text}"
