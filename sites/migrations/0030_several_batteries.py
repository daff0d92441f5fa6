"""A site may have several batteries, each with a name."""

import django.db.models.deletion
from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("sites", "0010_battery_says")]

    operations = [
        migrations.AlterField(
            "battery",
            "site",
            models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name="batteries", to="sites.site"),
        ),
        migrations.AddField("battery", "name", models.CharField(default="battery", max_length=40)),
        migrations.AddConstraint(
            "battery", models.UniqueConstraint(fields=("site", "name"), name="one_battery_of_a_name")
        ),
    ]
