"""Every figure that a monthly report can hold: name, unit, shown precision, definition in words. Pure.

Source: the definitions of docs/reports.md, which follow what listed miners print under their own tables.
"""

from dataclasses import dataclass
from typing import Final

BTC_PLACES: Final = 2


@dataclass(frozen=True)
class Definition:
    """code: the name in data.   places: decimals shown where the source is exact.   is_main: stands in the release's
    table even when another figure of its group does not."""

    code: str
    group: str
    name: str
    unit: str
    places: int
    words: str
    is_main: bool = False


GROUPS: Final = ("production", "holdings", "hashrate", "energy", "cost", "ai", "switching", "loans")

CATALOGUE: Final = (
    Definition("btc_produced", "production", "Bitcoin produced", "BTC", BTC_PLACES,
               "Bitcoin that the pools credited for the month's work, by the day it was earned, after fees.", True),
    Definition("btc_per_day", "production", "Average production per day", "BTC", 2,
               "Bitcoin produced divided by the days of the month.", True),
    Definition("btc_held", "holdings", "Bitcoin held at month-end", "BTC", BTC_PLACES,
               "All Bitcoin that the company owns at the end of the month, pledged coins included.", True),
    Definition("btc_pledged", "holdings", "of which pledged", "BTC", BTC_PLACES,
               "Bitcoin held that lenders keep as collateral."),
    Definition("btc_restricted", "holdings", "of which restricted", "BTC", BTC_PLACES,
               "Bitcoin held that a contract other than a loan keeps from being moved."),
    Definition("btc_in_transit", "holdings", "of which in transit", "BTC", BTC_PLACES,
               "Bitcoin earned but not yet paid out by a pool, or sent and not yet confirmed."),
    Definition("btc_sold", "holdings", "Bitcoin sold", "BTC", BTC_PLACES,
               "Bitcoin whose sale settled in the month.", True),
    Definition("btc_bought", "holdings", "Bitcoin bought", "BTC", BTC_PLACES, "Bitcoin bought in the month."),
    Definition("btc_fees", "holdings", "Network fees paid", "BTC", BTC_PLACES, "Bitcoin paid to miners for transfers."),
    Definition("sale_proceeds_usd", "holdings", "Net proceeds of sales", "USD", 0,
               "Dollars received for Bitcoin sold, after fees."),
    Definition("sale_price_usd", "holdings", "Average net price per Bitcoin sold", "USD", 0,
               "Net proceeds of sales divided by Bitcoin sold."),
    Definition("btc_price_usd", "holdings", "Price of a Bitcoin at month-end", "USD", 2,
               "The principal market's price at the last instant of the month."),
    Definition("btc_nav_usd", "holdings", "Value of Bitcoin held", "USD", 0,
               "Bitcoin held times the price at month-end."),
    Definition("deployed_end_ehs", "hashrate", "Deployed hashrate at month-end", "EH/s", 2,
               "Sum of the nameplates of machines racked and owned at the end of the month, hashing or not.", True),
    Definition("deployed_avg_ehs", "hashrate", "Deployed hashrate, time-weighted", "EH/s", 2,
               "The same sum, averaged over the seconds of the month."),
    Definition("operating_avg_ehs", "hashrate", "Average operating hashrate", "EH/s", 2,
               "Hashrate averaged over the seconds of the month; leased-out hashrate is not in it.", True),
    Definition("operating_ratio_pct", "hashrate", "Operating efficiency", "%", 2,
               "Average operating hashrate divided by deployed hashrate, time-weighted where that is known and at "
               "month-end otherwise.", True),
    Definition("uptime_pct", "hashrate", "Uptime of machines", "%", 2,
               "Machine-hours hashing divided by machine-hours deployed; not the same as operating efficiency."),
    Definition("lost_curtailed_pct", "hashrate", "lost to curtailment", "%", 2,
               "Deployed hashrate of machines that slept by command, because power was worth more elsewhere."),
    Definition("lost_maintenance_pct", "hashrate", "lost to maintenance", "%", 2,
               "Deployed hashrate that was off for planned work."),
    Definition("lost_relocated_pct", "hashrate", "lost to relocation", "%", 2,
               "Deployed hashrate of machines on their way from one place to another."),
    Definition("lost_outage_pct", "hashrate", "lost to outage", "%", 2,
               "Deployed hashrate of machines that answered and did not work, and were not told to sleep."),
    Definition("lost_silent_pct", "hashrate", "lost, machines silent", "%", 2,
               "Deployed hashrate of machines that did not answer."),
    Definition("lost_slow_pct", "hashrate", "lost, machines below nameplate", "%", 2,
               "What remains of deployed hashrate: machines that worked below their nameplates."),
    Definition("energized_ehs", "hashrate", "Energised hashrate", "EH/s", 2,
               "What energised machines could produce at nameplate."),
    Definition("energy_mwh", "energy", "Energy used", "MWh", 0, "Energy counted by the meters of the sites."),
    Definition("fleet_j_per_th", "energy", "Fleet efficiency at the meter", "J/TH", 1,
               "Metered energy of sites that only mine divided by their hashes, over the days of which both are known; "
               "nameplates are not used."),
    Definition("power_cost_usd_per_kwh", "energy", "Power cost", "USD/kWh", 4,
               "What the contracts of the sites ask for metered energy, or the bills that were written down, less "
               "power credits, divided by energy used; may be negative."),
    Definition("power_credits_usd", "energy", "Power and demand response credits", "USD", 0,
               "Credits for power given back to the grid, estimated at month-end."),
    Definition("cash_cost_per_btc_usd", "cost", "Cash cost per Bitcoin", "USD", 0,
               "Cost of revenue without depreciation of mining machines, divided by Bitcoin produced."),
    Definition("all_in_cost_per_btc_usd", "cost", "All-in cost per Bitcoin", "USD", 0,
               "Cash cost and depreciation of mining machines, divided by Bitcoin produced."),
    Definition("hashcost_usd_per_ph_day", "cost", "Hashcost", "USD/PH/day", 2,
               "Cash cost divided by average operating hashrate and days."),
    Definition("hashprice_usd_per_ph_day", "cost", "Hashprice earned", "USD/PH/day", 2,
               "Value of Bitcoin produced divided by average operating hashrate and days."),
    Definition("gpu_hours_available", "ai", "GPU-hours available", "h", 0,
               "GPUs that answered times hours; reserved and idle GPUs are in it."),
    Definition("gpu_hours_sold", "ai", "GPU-hours sold", "h", 0, "Hours billed to customers times GPUs."),
    Definition("gpu_utilisation_pct", "ai", "GPU utilisation", "%", 1,
               "GPU-hours sold divided by GPU-hours available; reserved and idle hours do not count as sold."),
    Definition("ai_contracted_mw", "ai", "Contracted AI capacity", "MW", 1, "Signed customer capacity, IT load."),
    Definition("ai_arr_usd", "ai", "Annual recurring AI revenue", "USD", 0,
               "Contracted recurring revenue of the month at the rates of its last day, times 12; not a GAAP figure."),
    Definition("switched_mwh", "switching", "Energy moved between uses", "MWh", 0,
               "Energy that decisions moved from one use to another."),
    Definition("switching_gain_usd", "switching", "Gain from switching, measured", "USD", 0,
               "Measured earnings of the sites less what everything on would have earned, over the hours of which all "
               "is known."),
    Definition("loan_debt_usd", "loans", "Debt secured by Bitcoin", "USD", 0,
               "Principal, billed and accrued interest at month-end."),
    Definition("loan_ltv_pct", "loans", "Loan to value", "%", 1,
               "Debt secured by Bitcoin divided by the value of pledged Bitcoin at month-end."),
)  # fmt: skip
BY_CODE: Final = {one.code: one for one in CATALOGUE}
