"""Rows of the machines: containers, devices, what was last known of each, telemetry, and orders to them."""

from compute.models.answering import LanguageHour
from compute.models.backtest import Backtest
from compute.models.command import Approval, Command, Order, Settling, Verb
from compute.models.container import Container
from compute.models.credential import Credential
from compute.models.decision import Decision, DecisionApproval, Hindsight, Plan, SwitchMemory
from compute.models.demand import GpuContract, MiningTerms, SpotDemand
from compute.models.device import Device, DeviceNow
from compute.models.hold import CommandPolicy, Hold
from compute.models.map_change import MapChange
from compute.models.market import DifficultyEpoch, NetworkReading, RewardDay
from compute.models.pool import PoolAccount, PoolReading
from compute.models.power_mode import PowerMode
from compute.models.scan import Scan
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
    "Approval",
    "Backtest",
    "Command",
    "CommandPolicy",
    "Container",
    "ContainerDetail",
    "ContainerTotals",
    "Credential",
    "CurrentFrame",
    "Decision",
    "DecisionApproval",
    "Device",
    "DeviceNow",
    "DifficultyEpoch",
    "DirtyHour",
    "GpuContract",
    "Hindsight",
    "Hold",
    "HotMinute",
    "LanguageHour",
    "MapChange",
    "MiningTerms",
    "NetworkReading",
    "Order",
    "Plan",
    "PoolAccount",
    "PoolReading",
    "PowerMode",
    "RewardDay",
    "Rollup",
    "Scan",
    "SealedHour",
    "Settling",
    "SiteSweep",
    "SpotDemand",
    "SweepMemory",
    "SwitchMemory",
    "Verb",
]
