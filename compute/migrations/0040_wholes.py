"""Rollups of regions and of all sites, also of the time before."""

from django.db import migrations, models

COLUMNS = (
    "expected present up deployed_ths hashrate_ths power_w gpus gpus_reporting gpu_busy memory_used_mib requests_running "
    "tokens_per_s"
).split()
HIGHEST = ("board_temp_c", "chip_temp_c", "gpu_temp_c")
ADDED = "ALTER TABLE telemetry_rollup ADD COLUMN reporting double precision, ADD COLUMN devices double precision"
REMOVED = "ALTER TABLE telemetry_rollup DROP COLUMN reporting, DROP COLUMN devices"
MADE = f"""
INSERT INTO telemetry_rollup (resolution_s, scope, scope_id, start_at, minutes, {", ".join((*COLUMNS, *HIGHEST))},
    reporting, devices)
SELECT each.resolution_s, whole.scope, whole.id, each.start_at, max(each.minutes),
    {", ".join(f"sum(each.{name})" for name in COLUMNS)}, {", ".join(f"max(each.{name})" for name in HIGHEST)},
    sum(each.present::float8 / nullif(each.minutes, 0)), sum(each.expected::float8 / nullif(each.minutes, 0))
FROM telemetry_rollup AS each JOIN sites_site AS site ON site.id = each.scope_id
CROSS JOIN LATERAL (VALUES (3, site.region_id), (4, 0)) AS whole (scope, id)
WHERE each.resolution_s IN (900, 3600, 86400) AND each.scope = 2
GROUP BY each.resolution_s, whole.scope, whole.id, each.start_at
ON CONFLICT DO NOTHING
"""
UNMADE = "DELETE FROM telemetry_rollup WHERE scope IN (3, 4)"


class Migration(migrations.Migration):
    dependencies = [("compute", "0032_network_past")]
    operations = [
        migrations.SeparateDatabaseAndState(
            database_operations=[migrations.RunSQL(ADDED, REMOVED), migrations.RunSQL(MADE, UNMADE)],
            state_operations=[
                migrations.AddField("rollup", "reporting", models.FloatField(null=True)),
                migrations.AddField("rollup", "devices", models.FloatField(null=True)),
                migrations.AlterField(
                    "rollup",
                    "scope",
                    models.SmallIntegerField(help_text="1 container, 2 site, 3 region, 4 all sites"),
                ),
            ],
        )
    ]
