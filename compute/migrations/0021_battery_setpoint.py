import django.db.models.deletion
from django.db import migrations, models
from django.db.models import Q

OPEN = ["requested", "approved", "claimed", "sent", "acknowledged", "unknown"]
VERBS = [
    ("sleep", "Sleep"), ("wake", "Wake"), ("power_limit", "Power limit"), ("setpoint", "Battery setpoint"),
]  # fmt: skip


class Migration(migrations.Migration):
    dependencies = [("compute", "0020_thinned_plans"), ("sites", "0010_battery_says")]
    operations = [
        migrations.AlterField("order", "verb", models.CharField(choices=VERBS, max_length=12)),
        migrations.AddField(
            "order",
            "setpoint_w",
            models.IntegerField(help_text="of a battery: above zero it gives, below zero it takes", null=True),
        ),
        migrations.AddConstraint(
            "order",
            models.CheckConstraint(
                condition=Q(verb="setpoint", setpoint_w__isnull=False) | (~Q(verb="setpoint") & Q(setpoint_w=None)),
                name="order_setpoint_where_it_is_one",
            ),
        ),
        migrations.AddField(
            "command",
            "battery",
            models.ForeignKey(
                null=True, on_delete=django.db.models.deletion.SET_NULL, related_name="commands", to="sites.battery"
            ),
        ),
        migrations.AddConstraint(
            "command",
            models.UniqueConstraint(
                fields=("battery",), condition=Q(state__in=OPEN), name="one_open_command_a_battery"
            ),
        ),
    ]
