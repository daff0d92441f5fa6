"""How long machines take to settle, and which reading of the meter an order took."""

import django.db.models.deletion
from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("compute", "0060_decision_without")]

    operations = [
        migrations.AddField(
            "order",
            "meter_words",
            models.CharField(blank=True, default="", help_text="which reading was taken afterwards, and why", max_length=200),
            preserve_default=False,
        ),
        migrations.CreateModel(
            name="Settling",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("language", models.CharField(max_length=32)),
                ("seconds", models.FloatField(null=True)),
                ("machines", models.PositiveIntegerField()),
                ("measured_at", models.DateTimeField()),
                ("order", models.ForeignKey(
                    on_delete=django.db.models.deletion.CASCADE, related_name="settlings", to="compute.order"
                )),
            ],
            options={"ordering": ["-measured_at"]},
        ),
        migrations.AddConstraint(
            "settling",
            models.UniqueConstraint(fields=("order", "language"), name="one_settling_a_language"),
        ),
    ]
