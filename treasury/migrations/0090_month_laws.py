"""Prices name who wrote them, a closed month takes none; turnovers and names of accounts cannot be rewritten."""

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

# A balance is read from its turnovers, which only the trigger of the postings writes: it runs inside another trigger.
TURNOVER = """
CREATE FUNCTION treasury_refuse_turnover() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF pg_trigger_depth() < 2 THEN
        RAISE EXCEPTION '% follows the postings and is never written otherwise', TG_TABLE_NAME
        USING ERRCODE = 'restrict_violation';
    END IF;
    RETURN NULL;
END $$;
""" + "".join(
    f"CREATE TRIGGER treasury_{table}_follows BEFORE INSERT OR UPDATE OR DELETE ON treasury_{table} "
    "FOR EACH STATEMENT EXECUTE FUNCTION treasury_refuse_turnover();\n"
    for table in ("dayturnover", "monthturnover")
)
TURNOVER_BACK = """
DROP TRIGGER treasury_dayturnover_follows ON treasury_dayturnover;
DROP TRIGGER treasury_monthturnover_follows ON treasury_monthturnover;
DROP FUNCTION treasury_refuse_turnover();
"""
# Figures are gathered by the names of accounts: another name would be another figure.
ACCOUNT = """
CREATE TRIGGER treasury_account_append_only BEFORE UPDATE OR DELETE ON treasury_account
    FOR EACH ROW EXECUTE FUNCTION treasury_refuse_change();
"""
ACCOUNT_BACK = "DROP TRIGGER treasury_account_append_only ON treasury_account;"
# As the other books of a closed month, these are not emptied either.
EMPTIED = ("dayturnover", "monthturnover", "pricemark", "lot", "lotuse")
EMPTYING = "".join(
    f"CREATE TRIGGER treasury_{table}_not_emptied BEFORE TRUNCATE ON treasury_{table} "
    "FOR EACH STATEMENT EXECUTE FUNCTION treasury_refuse_emptying();\n"
    for table in EMPTIED
)
EMPTYING_BACK = "".join(f"DROP TRIGGER treasury_{table}_not_emptied ON treasury_{table};\n" for table in EMPTIED)


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
        migrations.RunSQL(TURNOVER, TURNOVER_BACK),
        migrations.RunSQL(ACCOUNT, ACCOUNT_BACK),
        migrations.RunSQL(EMPTYING, EMPTYING_BACK),
    ]
