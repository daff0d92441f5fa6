"""Rows of the places: who, where, who may look, and what power costs."""

from sites.models.access import ApiToken, Membership, Role
from sites.models.address_range import AddressRange
from sites.models.contract import PowerContract
from sites.models.meter import Meter, MeterMinute
from sites.models.places import Operator, Region, Site

__all__ = [
    "AddressRange",
    "ApiToken",
    "Membership",
    "Meter",
    "MeterMinute",
    "Operator",
    "PowerContract",
    "Region",
    "Role",
    "Site",
]
