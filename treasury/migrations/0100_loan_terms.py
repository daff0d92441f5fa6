"""Terms of loans stay those that a closed month was closed with; carried lots are judged where they grow less."""

from django.db import migrations, models

# A month's interest and loan to value follow from the terms: other terms would be other figures. Lender and end of the
# loan may be corrected; a new rate is an event, other new terms are a new loan.
TERMS = """
CREATE FUNCTION treasury_keep_loan_terms() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    PERFORM pg_advisory_xact_lock(4202002);
    IF (NEW.code, NEW.currency, NEW.rate, NEW.day_count, NEW.interest, NEW.initial_ltv, NEW.margin_ltv,
        NEW.liquidation_ltv, NEW.trigger, NEW.call_price_ratio, NEW.keeps_coins_on_books)
       IS DISTINCT FROM
       (OLD.code, OLD.currency, OLD.rate, OLD.day_count, OLD.interest, OLD.initial_ltv, OLD.margin_ltv,
        OLD.liquidation_ltv, OLD.trigger, OLD.call_price_ratio, OLD.keeps_coins_on_books)
       AND EXISTS (
           SELECT FROM treasury_loanevent WHERE loan_id = OLD.id AND "on" <
           (SELECT max(month) + interval '1 month' FROM treasury_closedmonth WHERE reopened_at IS NULL)) THEN
        RAISE EXCEPTION 'the terms of loan % stand in a closed month: a new rate is an event, other terms a new loan',
            OLD.code USING ERRCODE = 'restrict_violation';
    END IF;
    RETURN NEW;
END $$;
CREATE TRIGGER treasury_loan_terms_kept BEFORE UPDATE ON treasury_loan
    FOR EACH ROW EXECUTE FUNCTION treasury_keep_loan_terms();
"""
TERMS_BACK = "DROP TRIGGER treasury_loan_terms_kept ON treasury_loan; DROP FUNCTION treasury_keep_loan_terms();"

# What is added to a place cannot uncover it, so only the place that a row takes from is judged.
COVERED = """
CREATE OR REPLACE FUNCTION treasury_move_covered() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    PERFORM treasury_lot_covered(NEW.lot_id, CASE WHEN NEW.sat < 0 THEN NEW.target ELSE NEW.origin END);
    RETURN NULL;
END $$;
"""
COVERED_BACK = """
CREATE OR REPLACE FUNCTION treasury_move_covered() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    PERFORM treasury_lot_covered(NEW.lot_id, NEW.origin);
    PERFORM treasury_lot_covered(NEW.lot_id, NEW.target);
    RETURN NULL;
END $$;
"""


class Migration(migrations.Migration):

    dependencies = [
        ('treasury', '0090_month_laws'),
    ]

    operations = [
        migrations.AddField(
            model_name='restatement',
            name='evidence',
            field=models.CharField(blank=True, db_default='', default='', max_length=300),
        ),
        migrations.RunSQL(TERMS, TERMS_BACK),
        migrations.RunSQL(COVERED, COVERED_BACK),
    ]
