"""What a site draws now, before and after a decision's orders: by its meter, else by what its machines say."""

from datetime import datetime
from typing import NamedTuple

from cango_ops.units import W_PER_MW
from compute.telemetry import queries
from sites.metering import queries as metering
from sites.models import Site


class Load(NamedTuple):
    """mw: None where nothing measured it.   at: when it was."""

    mw: float | None
    at: datetime | None


def load_now(site: Site) -> Load:
    meter = metering.power_now([site.pk])[site.pk]
    if meter.power_w is not None:
        return Load(meter.power_w / W_PER_MW, meter.observed_at)
    machines = queries.site_totals([site.pk])[site.pk]
    return Load(None if machines.power_w is None else machines.power_w / W_PER_MW, machines.swept_at)
