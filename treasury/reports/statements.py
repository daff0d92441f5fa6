"""The standing texts of the demonstration. In a live report they are rows that a person wrote and another approved."""

from typing import Final

from treasury.reports.snapshot import Statement

NOBODY: Final = "demonstration, not approved for release"


def demonstration(kind: str, text: str) -> Statement:
    return Statement(kind=kind, version=1, language="en", text=text, speaker="", approver=NOBODY)


DEMONSTRATION: Final = (
    demonstration(
        "about",
        "Cango Inc. (NYSE: CANG) mines Bitcoin at sites in North America, the Middle East, South America and East "
        "Africa, and is building a platform that gives each megawatt to the use that pays best: mining, computing for "
        "artificial intelligence, or the grid.",
    ),
    demonstration(
        "safe_harbour",
        "This release contains forward-looking statements within the meaning of the safe harbour provisions of the "
        "U.S. Private Securities Litigation Reform Act of 1995. Statements that are not historical facts, including "
        "statements about the company's plans, expectations and hashrate, involve risks and uncertainties that could "
        "cause actual results to differ materially, among them the price of Bitcoin, the difficulty of the network, "
        "the price and supply of power, and regulation. The company undertakes no obligation to update any "
        "forward-looking statement, except as required by law.",
    ),
    demonstration(
        "unaudited",
        "All figures are unaudited and preliminary. Operating figures are estimates until the accounts of the quarter "
        "are published.",
    ),
    demonstration("contact", "Investor relations: ir@cango.example"),
)
