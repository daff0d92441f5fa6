"""Rows of the alerts."""

from cango_ops.alerts.models.alert import Alert, AlertEvent
from cango_ops.alerts.models.route import AlertRoute, Delivery
from cango_ops.alerts.models.setting import AlertSetting, Silence

__all__ = ["Alert", "AlertEvent", "AlertRoute", "AlertSetting", "Delivery", "Silence"]
