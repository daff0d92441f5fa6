"""What could be done without a decision, for its chart."""

from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("compute", "0050_power_modes")]

    operations = [migrations.AddField("decision", "without", models.JSONField(default=dict))]
