"""Rows of the push to browsers."""

from cango_ops.live.models.live_topic import LiveTopic

__all__ = ["LiveTopic"]
