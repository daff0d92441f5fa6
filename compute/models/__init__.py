"""Rows of the machines: containers, devices, what was last known of each, and telemetry."""

from compute.models.container import Container
from compute.models.credential import Credential
from compute.models.device import Device, DeviceNow
from compute.models.market import NetworkReading
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
    "Credential",
    "CurrentFrame",
    "Device",
    "DeviceNow",
    "DirtyHour",
    "HotMinute",
    "NetworkReading",
    "Rollup",
    "SealedHour",
    "SiteSweep",
    "SweepMemory",
]
