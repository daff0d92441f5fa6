"""Turnovers by month beside those by day, kept by the same trigger."""

import django.db.models.deletion
from django.db import migrations, models


# The day first, then the month, each in the order of its key: two writers never wait for each other in a ring.
BOTH = """
CREATE OR REPLACE FUNCTION treasury_add_turnover() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    INSERT INTO treasury_dayturnover AS kept (account_id, currency, day, amount_sat, amount)
    SELECT account_id, currency, (at AT TIME ZONE 'UTC')::date,
           coalesce(sum(amount_sat), 0), coalesce(sum(amount), 0)
    FROM added GROUP BY 1, 2, 3 ORDER BY 1, 2, 3
    ON CONFLICT (account_id, currency, day) DO UPDATE
    SET amount_sat = kept.amount_sat + EXCLUDED.amount_sat, amount = kept.amount + EXCLUDED.amount;
    INSERT INTO treasury_monthturnover AS kept (account_id, currency, month, amount_sat, amount)
    SELECT account_id, currency, date_trunc('month', at AT TIME ZONE 'UTC')::date,
           coalesce(sum(amount_sat), 0), coalesce(sum(amount), 0)
    FROM added GROUP BY 1, 2, 3 ORDER BY 1, 2, 3
    ON CONFLICT (account_id, currency, month) DO UPDATE
    SET amount_sat = kept.amount_sat + EXCLUDED.amount_sat, amount = kept.amount + EXCLUDED.amount;
    RETURN NULL;
END $$;
INSERT INTO treasury_monthturnover (account_id, currency, month, amount_sat, amount)
SELECT account_id, currency, date_trunc('month', day)::date, sum(amount_sat), sum(amount)
FROM treasury_dayturnover GROUP BY 1, 2, 3;
"""
DAY_ONLY = """
CREATE OR REPLACE FUNCTION treasury_add_turnover() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    INSERT INTO treasury_dayturnover AS kept (account_id, currency, day, amount_sat, amount)
    SELECT account_id, currency, (at AT TIME ZONE 'UTC')::date,
           coalesce(sum(amount_sat), 0), coalesce(sum(amount), 0)
    FROM added GROUP BY 1, 2, 3 ORDER BY 1, 2, 3
    ON CONFLICT (account_id, currency, day) DO UPDATE
    SET amount_sat = kept.amount_sat + EXCLUDED.amount_sat, amount = kept.amount + EXCLUDED.amount;
    RETURN NULL;
END $$;
"""


class Migration(migrations.Migration):

    dependencies = [
        ('treasury', '0002_ledger_laws'),
    ]

    operations = [
        migrations.CreateModel(
            name='MonthTurnover',
            fields=[
                ('pk', models.CompositePrimaryKey('account_id', 'currency', 'month', blank=True, editable=False, primary_key=True, serialize=False)),
                ('currency', models.CharField(max_length=8)),
                ('month', models.DateField()),
                ('amount_sat', models.BigIntegerField(default=0)),
                ('amount', models.DecimalField(decimal_places=2, default=0, max_digits=24)),
                ('account', models.ForeignKey(db_index=False, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='treasury.account')),
            ],
        ),
        migrations.RunSQL(BOTH, DAY_ONLY),
    ]
