"""Shares and what may become shares; costs; what sites and GPU contracts earned by the day."""

import django.db.models.deletion
from django.db import migrations, models


TOLD = ("sharechange", "dilutiveright", "shareprice", "balanceamount", "costamount")
KEEP = "".join(
    f"CREATE TRIGGER treasury_{table}_append_only BEFORE UPDATE OR DELETE ON treasury_{table} "
    "FOR EACH ROW EXECUTE FUNCTION treasury_refuse_change();\n"
    for table in TOLD
)
KEEP_BACK = "".join(f"DROP TRIGGER treasury_{table}_append_only ON treasury_{table};\n" for table in TOLD)


class Migration(migrations.Migration):

    dependencies = [
        ('compute', '0015_plan_inputs_stay'),
        ('sites', '0005_power_terms'),
        ('treasury', '0021_proposal_laws'),
    ]

    operations = [
        migrations.CreateModel(
            name='BalanceAmount',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('source_id', models.CharField(max_length=150, unique=True)),
                ('evidence', models.CharField(blank=True, max_length=300)),
                ('note', models.CharField(blank=True, max_length=300)),
                ('actor', models.CharField(max_length=200)),
                ('recorded_at', models.DateTimeField(auto_now_add=True)),
                ('on', models.DateField()),
                ('item', models.CharField(choices=[('cash', 'Cash'), ('other', 'Other net assets'), ('debt', 'Debt'), ('preferred', 'Preferred shares')], max_length=10)),
                ('amount_usd', models.DecimalField(decimal_places=2, max_digits=20)),
            ],
            options={
                'ordering': ['on', 'id'],
            },
        ),
        migrations.CreateModel(
            name='DilutiveRight',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('source_id', models.CharField(max_length=150, unique=True)),
                ('evidence', models.CharField(blank=True, max_length=300)),
                ('note', models.CharField(blank=True, max_length=300)),
                ('actor', models.CharField(max_length=200)),
                ('recorded_at', models.DateTimeField(auto_now_add=True)),
                ('kind', models.CharField(choices=[('option', 'option'), ('rsu', 'rsu'), ('warrant', 'warrant'), ('convertible', 'convertible')], max_length=12)),
                ('from_on', models.DateField()),
                ('until_on', models.DateField(null=True)),
                ('number', models.BigIntegerField(default=0)),
                ('strike_usd', models.DecimalField(decimal_places=6, default=0, max_digits=14)),
                ('principal_usd', models.DecimalField(decimal_places=2, default=0, max_digits=20)),
                ('conversion_price_usd', models.DecimalField(decimal_places=6, default=0, max_digits=14)),
            ],
            options={
                'ordering': ['from_on', 'id'],
            },
        ),
        migrations.CreateModel(
            name='ShareChange',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('source_id', models.CharField(max_length=150, unique=True)),
                ('evidence', models.CharField(blank=True, max_length=300)),
                ('note', models.CharField(blank=True, max_length=300)),
                ('actor', models.CharField(max_length=200)),
                ('recorded_at', models.DateTimeField(auto_now_add=True)),
                ('on', models.DateField()),
                ('share_class', models.CharField(max_length=16)),
                ('kind', models.CharField(choices=[('opening', 'Opening'), ('raise', 'Raise'), ('exercise', 'Exercise'), ('conversion', 'Conversion'), ('buyback', 'Buyback')], max_length=12)),
                ('shares', models.BigIntegerField()),
                ('price_usd', models.DecimalField(decimal_places=6, max_digits=14, null=True)),
            ],
            options={
                'ordering': ['on', 'id'],
            },
        ),
        migrations.CreateModel(
            name='SharePrice',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('source_id', models.CharField(max_length=150, unique=True)),
                ('evidence', models.CharField(blank=True, max_length=300)),
                ('note', models.CharField(blank=True, max_length=300)),
                ('actor', models.CharField(max_length=200)),
                ('recorded_at', models.DateTimeField(auto_now_add=True)),
                ('on', models.DateField(db_index=True)),
                ('price_usd', models.DecimalField(decimal_places=6, max_digits=14)),
            ],
            options={
                'ordering': ['on', 'id'],
            },
        ),
        migrations.CreateModel(
            name='ContractDay',
            fields=[
                ('pk', models.CompositePrimaryKey('contract_id', 'day', blank=True, editable=False, primary_key=True, serialize=False)),
                ('day', models.DateField(db_index=True)),
                ('gpus_per_node', models.IntegerField()),
                ('committed_minutes', models.BigIntegerField()),
                ('served_minutes', models.BigIntegerField()),
                ('unobserved_minutes', models.BigIntegerField()),
                ('billed_usd', models.DecimalField(decimal_places=2, max_digits=20)),
                ('credit_usd', models.DecimalField(decimal_places=2, max_digits=20)),
                ('made_at', models.DateTimeField()),
                ('contract', models.ForeignKey(db_index=False, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='compute.gpucontract')),
            ],
        ),
        migrations.CreateModel(
            name='SiteDay',
            fields=[
                ('pk', models.CompositePrimaryKey('site_id', 'day', blank=True, editable=False, primary_key=True, serialize=False)),
                ('day', models.DateField(db_index=True)),
                ('hash_hours', models.IntegerField()),
                ('ph_days', models.DecimalField(decimal_places=6, max_digits=20)),
                ('worth_hours', models.IntegerField()),
                ('expected_sat', models.BigIntegerField()),
                ('mined_usd', models.DecimalField(decimal_places=2, max_digits=20)),
                ('energy_hours', models.IntegerField()),
                ('energy_kwh', models.DecimalField(decimal_places=3, max_digits=20)),
                ('power_hours', models.IntegerField()),
                ('power_kwh', models.DecimalField(decimal_places=3, max_digits=20)),
                ('power_usd', models.DecimalField(decimal_places=2, max_digits=20)),
                ('joint_hours', models.IntegerField()),
                ('joint_ph_days', models.DecimalField(decimal_places=6, max_digits=20)),
                ('joint_sat', models.BigIntegerField()),
                ('joint_mined_usd', models.DecimalField(decimal_places=2, max_digits=20)),
                ('joint_power_usd', models.DecimalField(decimal_places=2, max_digits=20)),
                ('gpu_minutes_observed', models.IntegerField()),
                ('gpu_minutes_installed', models.BigIntegerField()),
                ('gpu_minutes_available', models.BigIntegerField()),
                ('gpu_minutes_busy', models.BigIntegerField()),
                ('missing', models.JSONField(default=dict)),
                ('made_at', models.DateTimeField()),
                ('site', models.ForeignKey(db_index=False, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='sites.site')),
            ],
        ),
        migrations.CreateModel(
            name='CostAmount',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('source_id', models.CharField(max_length=150, unique=True)),
                ('evidence', models.CharField(blank=True, max_length=300)),
                ('note', models.CharField(blank=True, max_length=300)),
                ('actor', models.CharField(max_length=200)),
                ('recorded_at', models.DateTimeField(auto_now_add=True)),
                ('month', models.DateField(help_text='its first day')),
                ('item', models.CharField(max_length=40)),
                ('kind', models.CharField(choices=[('cash', 'Cash'), ('all_in', 'All-in'), ('credit', 'Credit')], max_length=8)),
                ('amount_usd', models.DecimalField(decimal_places=2, max_digits=20)),
                ('site', models.ForeignKey(null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='sites.site')),
            ],
            options={
                'ordering': ['month', 'site', 'item', 'id'],
                'constraints': [models.CheckConstraint(condition=models.Q(('month__day', 1)), name='cost_of_a_month')],
            },
        ),
        migrations.RunSQL(KEEP, KEEP_BACK),
    ]
