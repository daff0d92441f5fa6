"""Every rule of the console: what each part watches. A new part adds its sets."""

from typing import Final

import sites.alerting
import treasury.alerting
from cango_ops.alerts.rules import Rule
from cango_ops.alerts.table import Table
from cango_ops.web.alerts import console_rules
from cango_ops.web.alerts.seen import seen
from compute.alerting import gpus, places, pools, work

TABLE: Final = Table(
    sets=(
        places.SET, gpus.SET, *sites.alerting.SETS, pools.SET, work.SET, *treasury.alerting.SETS, *console_rules.SETS
    ),
    seen=seen,
)  # fmt: skip
RULES: Final[dict[str, Rule]] = TABLE.rules


def title_of(rule: str) -> str:
    """Also of a rule that no longer exists, whose alerts remain."""
    return RULES[rule].title if rule in RULES else rule
