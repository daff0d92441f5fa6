"""The charts of a site or a container: the same lines, of another place. Pure."""

from cango_ops.base.chart import Chart, Line


def charts(scope: str, of: str, topic: str, *, has_asics: bool, has_gpus: bool, has_meter: bool) -> list[Chart]:
    """What is worth drawing of a place: no GPU chart without GPUs, no meter line without a meter."""
    power = [Line("power_w", "machines", "w")]
    if has_meter:
        power.append(Line("meter_power_w", "meter", "w", "accent"))
    made = [Chart("chart-power", "Power", scope, tuple(power), topic, of)]
    if has_asics:
        made.insert(0, Chart("chart-hashrate", "Hashrate", scope, HASHRATE, topic, of))
        made.append(Chart("chart-temperature", "Temperature", scope, TEMPERATURE, topic, of))
    if has_gpus:
        made.append(Chart("chart-gpu", "GPUs", scope, GPUS, topic, of))
    made.append(Chart("chart-reporting", "Machines reporting", scope, REPORTING, topic, of))
    return made


HASHRATE = (Line("hashrate_ths", "operating", "ths"), Line("deployed_ths", "deployed", "ths", "quiet", dashed=True))
TEMPERATURE = (Line("temp_max_c", "hottest chip", "c"),)
GPUS = (Line("gpu_utilisation_pct", "utilisation", "pct", "use-ai"), Line("tokens_per_s", "tokens", "per_s", "quiet"))
REPORTING = (Line("reporting", "reporting", "count"), Line("devices", "on the map", "count", "quiet", dashed=True))
