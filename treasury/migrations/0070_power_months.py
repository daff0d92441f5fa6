import django.db.models.deletion
from django.db import migrations, models


class Migration(migrations.Migration):

    dependencies = [
        ('sites', '0010_battery_says'),
        ('treasury', '0063_lot_laws'),
    ]

    operations = [
        migrations.AddField(
            model_name='siteday',
            name='charges',
            field=models.JSONField(default=list),
        ),
        migrations.CreateModel(
            name='PowerMonth',
            fields=[
                ('pk', models.CompositePrimaryKey('site_id', 'month', blank=True, editable=False, primary_key=True, serialize=False)),
                ('month', models.DateField(db_index=True, help_text='its first day')),
                ('energy_usd', models.DecimalField(decimal_places=2, max_digits=20)),
                ('charges_usd', models.DecimalField(decimal_places=2, max_digits=20, null=True)),
                ('why', models.CharField(blank=True, max_length=300)),
                ('lines', models.JSONField(default=list)),
                ('made_at', models.DateTimeField()),
                ('site', models.ForeignKey(db_index=False, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='sites.site')),
            ],
        ),
    ]
