"""What machines stand under, what was done to them, and what they were measured at."""

import django.db.models.deletion
from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("compute", "0040_wholes"), ("sites", "0010_battery_says")]
    operations = [
        migrations.AddField(
            "devicenow",
            "power_limit_w",
            models.PositiveIntegerField(help_text="what it says that it stands under", null=True),
        ),
        migrations.AddField(
            "devicenow",
            "limit_since",
            models.DateTimeField(help_text="when it was first heard under that limit", null=True),
        ),
        migrations.AddField(
            "devicenow",
            "ordered_limit_w",
            models.PositiveIntegerField(help_text="an order's that still holds it down", null=True),
        ),
        migrations.AddField(
            "devicenow",
            "own_limit_w",
            models.PositiveIntegerField(help_text="its own, before a decision held it down", null=True),
        ),
        migrations.AddField(
            "command",
            "limit_before_w",
            models.PositiveIntegerField(help_text="what it stood under when this was asked for", null=True),
        ),
        migrations.CreateModel(
            name="PowerMode",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("model", models.CharField(max_length=64)),
                ("language", models.CharField(max_length=32)),
                ("limit_w", models.PositiveIntegerField()),
                ("minutes", models.FloatField()),
                ("machines", models.PositiveIntegerField()),
                ("power_w", models.FloatField()),
                ("hashrate_ths", models.FloatField()),
                ("first_at", models.DateTimeField()),
                ("until_at", models.DateTimeField()),
                (
                    "site",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE, related_name="power_modes", to="sites.site"
                    ),
                ),
            ],
            options={
                "ordering": ["site", "model", "language", "limit_w"],
                "constraints": [
                    models.UniqueConstraint(
                        fields=("model", "language", "site", "limit_w"), name="one_power_mode_a_limit"
                    )
                ],
            },
        ),
    ]
