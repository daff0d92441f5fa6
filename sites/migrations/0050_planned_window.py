"""Windows of maintenance and relocation, in the place of a site's one field for it."""

import django.db.models.deletion
from django.conf import settings
from django.db import migrations, models

# A whole site has no container: its range is open at both ends and meets every container's.
ONCE = """
ALTER TABLE sites_plannedwindow ADD CONSTRAINT window_once_a_place EXCLUDE USING gist (
    int8range(site_id, site_id, '[]') WITH &&, int8range(container_id, container_id, '[]') WITH &&,
    tstzrange(begin_at, end_at) WITH &&
) WHERE (withdrawn_at IS NULL);
"""
ONCE_BACK = "ALTER TABLE sites_plannedwindow DROP CONSTRAINT window_once_a_place;"


class Migration(migrations.Migration):
    dependencies = [
        ("sites", "0030_several_batteries"),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]
    operations = [
        migrations.CreateModel(
            name="PlannedWindow",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("container_id", models.BigIntegerField(null=True)),
                ("container", models.CharField(blank=True, max_length=16)),
                ("kind", models.CharField(
                    choices=[("maintenance", "Maintenance"), ("relocation", "Relocation")], max_length=12)),
                ("begin_at", models.DateTimeField()),
                ("end_at", models.DateTimeField()),
                ("reason", models.CharField(max_length=200)),
                ("entered_at", models.DateTimeField()),
                ("withdrawn_at", models.DateTimeField(null=True)),
                ("entered_by", models.ForeignKey(
                    on_delete=django.db.models.deletion.PROTECT, related_name="+", to=settings.AUTH_USER_MODEL)),
                ("site", models.ForeignKey(
                    on_delete=django.db.models.deletion.PROTECT, related_name="windows", to="sites.site")),
                ("withdrawn_by", models.ForeignKey(
                    null=True, on_delete=django.db.models.deletion.PROTECT, related_name="+",
                    to=settings.AUTH_USER_MODEL)),
            ],
            options={"ordering": ["-begin_at", "pk"]},
        ),
        migrations.AddConstraint(
            model_name="plannedwindow",
            constraint=models.CheckConstraint(
                condition=models.Q(("end_at__gt", models.F("begin_at"))), name="window_begins_before_it_ends"),
        ),
        migrations.AddConstraint(
            model_name="plannedwindow",
            constraint=models.CheckConstraint(
                condition=models.Q(("reason", ""), _negated=True), name="window_says_why"),
        ),
        migrations.AddConstraint(
            model_name="plannedwindow",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    models.Q(("withdrawn_at", None), ("withdrawn_by", None)),
                    models.Q(("withdrawn_at__isnull", False), ("withdrawn_by__isnull", False)), _connector="OR"),
                name="window_withdrawn_by_somebody"),
        ),
        migrations.RunSQL(ONCE, ONCE_BACK),
        migrations.RemoveField("site", "maintenance_until"),
        migrations.RemoveField("site", "maintenance_reason"),
    ]
