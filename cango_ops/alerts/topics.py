"""What browsers follow of alerts: one topic, which says that something changed and nothing else."""

from typing import Final

TOPIC: Final = "alerts"
