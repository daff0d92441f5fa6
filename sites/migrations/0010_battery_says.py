from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("sites", "0005_power_terms")]
    operations = [
        migrations.AddField(
            "battery", "address", models.GenericIPAddressField(blank=True, null=True, protocol="IPv4")
        ),
        migrations.AddField("battery", "port", models.PositiveIntegerField(default=502)),
        migrations.AddField("battery", "unit_id", models.PositiveSmallIntegerField(default=1)),
        migrations.AddField("battery", "power_w", models.FloatField(editable=False, null=True)),
        migrations.AddField("battery", "setpoint_w", models.FloatField(editable=False, null=True)),
        migrations.AddField("battery", "failing_since", models.DateTimeField(editable=False, null=True)),
        migrations.AddField(
            "battery", "failing_reason", models.CharField(blank=True, editable=False, max_length=100)
        ),
        migrations.AddField(
            "programme",
            "usd_per_mw_h",
            models.DecimalField(
                decimal_places=2,
                default=0,
                help_text="of load that stands ready to go, called or not",
                max_digits=10,
            ),
        ),
    ]
