"""The 42 places of the estate: where they are, whose they are, what their power costs. Pure data.

Towns are real, the plants in them are invented. Capacity is what the connection allows; the tariff is the mean price of
a MWh. market: the price area that the power-price feed quotes. gpu: share of the estate's GPU nodes.
"""

from typing import Final

import msgspec


class Place(msgspec.Struct, frozen=True):
    """One site before any machine is put on it."""

    code: str
    name: str
    operator: str
    region: str
    zone: str
    latitude: float
    longitude: float
    kind: str
    capacity_mw: float
    tariff: float
    market: str
    battery_mwh: float = 0.0
    solar_mw: float = 0.0
    gpu: int = 0
    is_mixed: bool = False


OPERATORS: Final = (
    ("CANGO", "Cango", True),
    ("SUNDOWN", "Sundown Power & Hash", False),
    ("RIFT", "Rift Valley Compute", False),
)

REGIONS: Final = (
    ("NA", "North America"),
    ("ME", "Middle East"),
    ("SA", "South America"),
    ("EA", "East Africa"),
)

NY, CHI, DEN, LA = "America/New_York", "America/Chicago", "America/Denver", "America/Los_Angeles"
INDY, ASU, SALTA = "America/Indiana/Indianapolis", "America/Asuncion", "America/Argentina/Salta"
ADDIS, NAIROBI = "Africa/Addis_Ababa", "Africa/Nairobi"
GOOSE, EDMONTON, SANTIAGO = "America/Goose_Bay", "America/Edmonton", "America/Santiago"
CO, SUN, RIFT = "CANGO", "SUNDOWN", "RIFT"

PLACES: Final = (
    Place("MACON", "Macon, Georgia", CO, "NA", NY, 32.84, -83.63, "owned", 50, 46.0, "SOCO", 40, 8, 30),
    Place("ODESSA", "Odessa, Texas", CO, "NA", CHI, 31.85, -102.37, "hosted", 60, 41.5, "ERCOT-WEST", 60, 20, 20),
    Place("ABILENE", "Abilene, Texas", CO, "NA", CHI, 32.45, -99.73, "hosted", 48, 43.0, "ERCOT-WEST", 0, 0, 30),
    Place("LUBBOCK", "Lubbock, Texas", CO, "NA", CHI, 33.58, -101.86, "hosted", 40, 42.0, "ERCOT-WEST"),
    Place("LAREDO", "Laredo, Texas", CO, "NA", CHI, 27.53, -99.49, "hosted", 36, 44.5, "ERCOT-SOUTH"),
    Place("SNYDER", "Snyder, Texas", SUN, "NA", CHI, 32.72, -100.92, "partner", 24, 43.5, "ERCOT-WEST", 12, 10),
    Place("CASPER", "Casper, Wyoming", SUN, "NA", DEN, 42.85, -106.32, "partner", 12, 47.5, "PACE"),
    Place("KEARNEY", "Kearney, Nebraska", CO, "NA", CHI, 40.70, -99.08, "hosted", 45, 40.0, "SPP-NORTH", 0, 0, 20),
    Place("WILLISTON", "Williston, North Dakota", CO, "NA", CHI, 48.15, -103.62, "hosted", 38, 38.5, "SPP-NORTH"),
    Place("PRYOR", "Pryor Creek, Oklahoma", CO, "NA", CHI, 36.31, -95.32, "hosted", 33, 42.5, "SPP-SOUTH"),
    Place("TUPELO", "Tupelo, Mississippi", CO, "NA", CHI, 34.26, -88.70, "hosted", 28, 45.0, "TVA"),
    Place("PADUCAH", "Paducah, Kentucky", CO, "NA", CHI, 37.08, -88.60, "hosted", 31, 44.0, "TVA"),
    Place("GAFFNEY", "Gaffney, South Carolina", CO, "NA", NY, 35.07, -81.65, "hosted", 26, 47.0, "DUKE"),
    Place("TIFTON", "Tifton, Georgia", CO, "NA", NY, 31.45, -83.51, "hosted", 22, 46.5, "SOCO"),
    Place("MARION", "Marion, Ohio", CO, "NA", NY, 40.59, -83.13, "hosted", 30, 48.5, "PJM-AEP"),
    Place("SCRANTON", "Scranton, Pennsylvania", CO, "NA", NY, 41.41, -75.66, "hosted", 25, 49.0, "PJM-PPL"),
    Place("MASSENA", "Massena, New York", CO, "NA", NY, 44.93, -74.89, "hosted", 34, 39.0, "NYISO-NORTH"),
    Place("BEDFORD", "Bedford, Indiana", SUN, "NA", INDY, 38.86, -86.49, "partner", 14, 48.0, "MISO"),
    Place("CHELAN", "Chelan, Washington", CO, "NA", LA, 47.84, -120.02, "hosted", 18, 37.5, "MID-C"),
    Place("BUTTE", "Butte, Montana", CO, "NA", DEN, 46.00, -112.53, "hosted", 27, 43.0, "MID-C"),
    Place("SAGUENAY", "Saguenay, Quebec", CO, "NA", "America/Toronto", 48.43, -71.07, "hosted", 36, 39.5, "HQ"),
    Place("BROOKS", "Brooks, Alberta", CO, "NA", EDMONTON, 50.56, -111.90, "hosted", 29, 51.0, "AESO", 10, 15),
    Place("LABRADOR", "Labrador City, Labrador", CO, "NA", GOOSE, 52.94, -66.91, "hosted", 20, 36.0, "NLH"),
    Place("SALALAH", "Salalah, Oman", CO, "ME", "Asia/Muscat", 17.02, 54.09, "hosted", 55, 37.0, "OMAN", 0, 0, 20),
    Place("SOHAR", "Sohar, Oman", CO, "ME", "Asia/Muscat", 24.36, 56.75, "hosted", 42, 38.0, "OMAN", 30, 25),
    Place("DUQM", "Duqm, Oman", CO, "ME", "Asia/Muscat", 19.66, 57.70, "hosted", 30, 36.5, "OMAN", 45, 40),
    Place("RUWAIS", "Ruwais, Abu Dhabi", CO, "ME", "Asia/Dubai", 24.11, 52.73, "hosted", 46, 42.0, "UAE"),
    Place("ALAIN", "Al Ain, Abu Dhabi", CO, "ME", "Asia/Dubai", 24.21, 55.74, "hosted", 32, 42.5, "UAE", 0, 12, 15),
    Place("FUJAIRAH", "Fujairah", CO, "ME", "Asia/Dubai", 25.13, 56.33, "hosted", 21, 44.0, "UAE"),
    Place("SITRA", "Sitra, Bahrain", SUN, "ME", "Asia/Bahrain", 26.15, 50.62, "partner", 10, 45.0, "GCC"),
    Place("VILLETA", "Villeta, Paraguay", CO, "SA", ASU, -25.51, -57.56, "hosted", 52, 39.5, "ANDE", 0, 0, 15),
    Place("HERNANDARIAS", "Hernandarias, Paraguay", CO, "SA", ASU, -25.41, -54.64, "hosted", 48, 38.0, "ANDE"),
    Place("MINGA", "Minga Guazu, Paraguay", CO, "SA", ASU, -25.47, -54.76, "hosted", 26, 38.5, "ANDE"),
    Place("NEUQUEN", "Neuquen, Argentina", CO, "SA", SALTA, -38.95, -68.06, "hosted", 24, 47.0, "CAMMESA"),
    Place("TOLEDO", "Toledo, Parana", CO, "SA", "America/Sao_Paulo", -24.71, -53.74, "hosted", 19, 50.5, "CCEE-S"),
    Place("CALAMA", "Calama, Chile", SUN, "SA", SANTIAGO, -22.46, -68.93, "partner", 16, 34.0, "CEN-NORTE", 50, 45),
    Place("TARIJA", "Tarija, Bolivia", CO, "SA", "America/La_Paz", -21.53, -64.73, "hosted", 12, 43.0, "CNDC"),
    Place("ADAMA", "Adama, Ethiopia", CO, "EA", ADDIS, 8.54, 39.27, "hosted", 44, 33.0, "EEP", 0, 0, 25, True),
    Place("MEKI", "Meki, Ethiopia", CO, "EA", ADDIS, 8.15, 38.82, "hosted", 30, 33.5, "EEP"),
    Place("DIREDAWA", "Dire Dawa, Ethiopia", CO, "EA", ADDIS, 9.60, 41.86, "hosted", 22, 34.0, "EEP"),
    Place("NAIVASHA", "Naivasha, Kenya", RIFT, "EA", NAIROBI, -0.7, 36.4, "partner", 18, 52.0, "KPLC", 0, 6, 25, True),
    Place("TURKANA", "Turkana, Kenya", RIFT, "EA", NAIROBI, 2.76, 36.72, "partner", 9, 49.0, "KPLC", 8, 0),
)  # fmt: skip
