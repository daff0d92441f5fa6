"""A price that a person wrote down names the person; a month that is closed takes no price any more."""

from django.db import migrations, models

CLOSED = """
CREATE FUNCTION treasury_refuse_closed_price() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE
    last_closed date;
    early text;
BEGIN
    PERFORM pg_advisory_xact_lock(4202002);
    SELECT max(month) INTO last_closed FROM treasury_closedmonth WHERE reopened_at IS NULL;
    SELECT source INTO early FROM added
    WHERE at <= (last_closed + interval '1 month') AT TIME ZONE 'UTC' ORDER BY at LIMIT 1;
    IF early IS NOT NULL THEN
        RAISE EXCEPTION 'a price of % is dated in a closed month', early USING ERRCODE = 'restrict_violation';
    END IF;
    RETURN NULL;
END $$;
CREATE TRIGGER treasury_pricemark_open_month AFTER INSERT ON treasury_pricemark
    REFERENCING NEW TABLE AS added FOR EACH STATEMENT EXECUTE FUNCTION treasury_refuse_closed_price();
"""
CLOSED_BACK = """
DROP TRIGGER treasury_pricemark_open_month ON treasury_pricemark;
DROP FUNCTION treasury_refuse_closed_price();
"""


class Migration(migrations.Migration):

    dependencies = [
        ('treasury', '0070_power_months'),
    ]

    operations = [
        migrations.AddField(
            model_name='pricemark',
            name='actor',
            field=models.CharField(blank=True, default='', max_length=200),
        ),
        migrations.RunSQL(CLOSED, CLOSED_BACK),
    ]
