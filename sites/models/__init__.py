"""Rows of the places: who, where, who may look, and what power costs."""

from sites.models.access import ApiToken, Membership, Role
from sites.models.address_range import AddressRange
from sites.models.contract import PowerContract
from sites.models.forecast import Forecast, ForecastScore
from sites.models.handover import Handover
from sites.models.market_price import MarketFeed, MarketPrice
from sites.models.meter import Meter, MeterMinute
from sites.models.note import Note
from sites.models.places import Operator, Region, Site
from sites.models.programme import Programme, ProgrammeCall
from sites.models.storage import Battery, SolarPlant
from sites.models.view import SavedView
from sites.models.window import PlannedWindow

__all__ = [
    "AddressRange",
    "ApiToken",
    "Battery",
    "Forecast",
    "ForecastScore",
    "Handover",
    "MarketFeed",
    "MarketPrice",
    "Membership",
    "Meter",
    "MeterMinute",
    "Note",
    "Operator",
    "PlannedWindow",
    "PowerContract",
    "Programme",
    "ProgrammeCall",
    "Region",
    "Role",
    "SavedView",
    "Site",
    "SolarPlant",
]
