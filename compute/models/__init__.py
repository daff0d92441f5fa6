"""Rows of the machines: containers, devices, what was last known of each, and telemetry."""

from compute.models.answering import LanguageHour
from compute.models.container import Container
from compute.models.device import Device, DeviceNow
from compute.models.market import NetworkReading
from compute.models.pool import PoolAccount, PoolReading
from compute.models.sweep import SweepMemory
from compute.models.telemetry import (
    ContainerDetail,
    ContainerTotals,
    CurrentFrame,
    DirtyHour,
    HotMinute,
    Rollup,
    SealedHour,
    SiteSweep,
)

__all__ = [
    "Container",
    "ContainerDetail",
    "ContainerTotals",
    "CurrentFrame",
    "Device",
    "DeviceNow",
    "DirtyHour",
    "HotMinute",
    "LanguageHour",
    "NetworkReading",
    "PoolAccount",
    "PoolReading",
    "Rollup",
    "SealedHour",
    "SiteSweep",
    "SweepMemory",
]
