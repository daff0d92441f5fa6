"""Loans on bitcoin and what happens to them."""

import django.db.models.deletion
from django.db import migrations, models


class Migration(migrations.Migration):

    dependencies = [
        ('treasury', '0003_month_turnover'),
    ]

    operations = [
        migrations.CreateModel(
            name='Loan',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('code', models.SlugField(max_length=32, unique=True)),
                ('lender', models.CharField(max_length=100)),
                ('currency', models.CharField(default='USD', max_length=8)),
                ('rate', models.DecimalField(decimal_places=6, max_digits=8)),
                ('day_count', models.CharField(choices=[('ACT/360', 'ACT/360'), ('ACT/365F', 'ACT/365F'), ('ACT/ACT', 'ACT/ACT')], max_length=8)),
                ('interest', models.CharField(choices=[('paid_monthly', 'paid_monthly'), ('capitalised_monthly', 'capitalised_monthly')], max_length=20)),
                ('initial_ltv', models.DecimalField(decimal_places=4, max_digits=6, null=True)),
                ('margin_ltv', models.DecimalField(decimal_places=4, max_digits=6, null=True)),
                ('liquidation_ltv', models.DecimalField(decimal_places=4, max_digits=6, null=True)),
                ('trigger', models.CharField(choices=[('gt', 'gt'), ('gte', 'gte')], default='gt', max_length=3)),
                ('call_price_ratio', models.DecimalField(decimal_places=4, max_digits=6, null=True)),
                ('keeps_coins_on_books', models.BooleanField(default=False)),
                ('ends_on', models.DateField(null=True)),
            ],
            options={
                'ordering': ['code'],
            },
        ),
        migrations.CreateModel(
            name='LoanEvent',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('source_id', models.CharField(max_length=150, unique=True)),
                ('kind', models.CharField(choices=[('pledge', 'pledge'), ('top_up', 'top_up'), ('release', 'release'), ('draw', 'draw'), ('repay', 'repay'), ('repay_in_coins', 'repay_in_coins'), ('rate', 'rate'), ('mark', 'mark')], max_length=16)),
                ('on', models.DateField()),
                ('seq', models.IntegerField(default=0)),
                ('sat', models.BigIntegerField(default=0)),
                ('usd', models.DecimalField(decimal_places=2, default=0, max_digits=20)),
                ('price_usd', models.DecimalField(decimal_places=2, max_digits=14, null=True)),
                ('rate', models.DecimalField(decimal_places=6, max_digits=8, null=True)),
                ('actor', models.CharField(max_length=200)),
                ('recorded_at', models.DateTimeField(auto_now_add=True)),
                ('loan', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='events', to='treasury.loan')),
            ],
            options={
                'ordering': ['on', 'seq', 'id'],
            },
        ),
        migrations.RunSQL(
            "CREATE TRIGGER treasury_loanevent_append_only BEFORE UPDATE OR DELETE ON treasury_loanevent "
            "FOR EACH ROW EXECUTE FUNCTION treasury_refuse_change();",
            "DROP TRIGGER treasury_loanevent_append_only ON treasury_loanevent;",
        ),
    ]
