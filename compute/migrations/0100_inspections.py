from django.db import migrations, models


class Migration(migrations.Migration):

    dependencies = [
        ('compute', '0080_standing_orders'),
    ]

    operations = [
        migrations.AddField(
            model_name='sweepmemory',
            name='hand',
            field=models.FloatField(default=0.0),
        ),
        migrations.AddField(
            model_name='sweepmemory',
            name='inspections',
            field=models.PositiveIntegerField(null=True),
        ),
    ]
