"""What the database itself holds about the books (docs/decisions/0006-ledger.md)."""

from django.db import migrations

APPEND_ONLY = ("journalentry", "posting", "lot", "lotuse", "costmethod", "pricemark")

REFUSE = """
CREATE FUNCTION treasury_refuse_change() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    RAISE EXCEPTION 'rows of % are never changed or removed', TG_TABLE_NAME USING ERRCODE = 'restrict_violation';
END $$;
""" + "".join(
    f"CREATE TRIGGER treasury_{table}_append_only BEFORE UPDATE OR DELETE ON treasury_{table} "
    "FOR EACH ROW EXECUTE FUNCTION treasury_refuse_change();\n"
    for table in APPEND_ONLY
)
ALLOW = "".join(
    f"DROP TRIGGER treasury_{table}_append_only ON treasury_{table};\n" for table in APPEND_ONLY
) + "DROP FUNCTION treasury_refuse_change();"

# A posting takes its instant from its entry, and joins no entry of an earlier transaction.
JOIN = """
CREATE FUNCTION treasury_posting_joins() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE
    entry_at timestamptz;
    entry_added_in bigint;
BEGIN
    SELECT at, added_in INTO entry_at, entry_added_in FROM treasury_journalentry WHERE id = NEW.entry_id;
    IF entry_added_in IS DISTINCT FROM txid_current() THEN
        RAISE EXCEPTION 'a posting joins no entry of an earlier transaction' USING ERRCODE = 'restrict_violation';
    END IF;
    NEW.at := entry_at;
    RETURN NEW;
END $$;
CREATE TRIGGER treasury_posting_joins BEFORE INSERT ON treasury_posting
    FOR EACH ROW EXECUTE FUNCTION treasury_posting_joins();
"""
JOIN_BACK = "DROP TRIGGER treasury_posting_joins ON treasury_posting; DROP FUNCTION treasury_posting_joins();"

# Nobody names the transaction of an entry but the database.
BORN = """
CREATE FUNCTION treasury_entry_born() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    NEW.added_in := txid_current();
    RETURN NEW;
END $$;
CREATE TRIGGER treasury_entry_born BEFORE INSERT ON treasury_journalentry
    FOR EACH ROW EXECUTE FUNCTION treasury_entry_born();
"""
BORN_BACK = "DROP TRIGGER treasury_entry_born ON treasury_journalentry; DROP FUNCTION treasury_entry_born();"

BALANCE = """
CREATE FUNCTION treasury_entry_balances() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE
    off text;
BEGIN
    SELECT string_agg(currency, ', ' ORDER BY currency) INTO off FROM (
        SELECT currency FROM treasury_posting WHERE entry_id = NEW.id
        GROUP BY currency HAVING coalesce(sum(amount_sat), 0) <> 0 OR coalesce(sum(amount), 0) <> 0
    ) AS unbalanced;
    IF off IS NOT NULL THEN
        RAISE EXCEPTION 'entry % does not balance in %', NEW.source_id, off USING ERRCODE = 'check_violation';
    END IF;
    IF (SELECT count(*) FROM treasury_posting WHERE entry_id = NEW.id) < 2 THEN
        RAISE EXCEPTION 'entry % has fewer than two postings', NEW.source_id USING ERRCODE = 'check_violation';
    END IF;
    RETURN NULL;
END $$;
CREATE CONSTRAINT TRIGGER treasury_entry_balances AFTER INSERT ON treasury_journalentry
    DEFERRABLE INITIALLY DEFERRED FOR EACH ROW EXECUTE FUNCTION treasury_entry_balances();
"""
BALANCE_BACK = "DROP TRIGGER treasury_entry_balances ON treasury_journalentry; DROP FUNCTION treasury_entry_balances();"

# In the order of the key, so that two writers never wait for each other in a ring.
TURNOVER = """
CREATE FUNCTION treasury_add_turnover() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    INSERT INTO treasury_dayturnover AS kept (account_id, currency, day, amount_sat, amount)
    SELECT account_id, currency, (at AT TIME ZONE 'UTC')::date,
           coalesce(sum(amount_sat), 0), coalesce(sum(amount), 0)
    FROM added GROUP BY 1, 2, 3 ORDER BY 1, 2, 3
    ON CONFLICT (account_id, currency, day) DO UPDATE
    SET amount_sat = kept.amount_sat + EXCLUDED.amount_sat, amount = kept.amount + EXCLUDED.amount;
    RETURN NULL;
END $$;
CREATE TRIGGER treasury_posting_turnover AFTER INSERT ON treasury_posting
    REFERENCING NEW TABLE AS added FOR EACH STATEMENT EXECUTE FUNCTION treasury_add_turnover();
"""
TURNOVER_BACK = "DROP TRIGGER treasury_posting_turnover ON treasury_posting; DROP FUNCTION treasury_add_turnover();"


class Migration(migrations.Migration):

    dependencies = [
        ('treasury', '0001_ledger'),
    ]

    operations = [
        migrations.RunSQL(REFUSE, ALLOW),
        migrations.RunSQL(BORN, BORN_BACK),
        migrations.RunSQL(JOIN, JOIN_BACK),
        migrations.RunSQL(BALANCE, BALANCE_BACK),
        migrations.RunSQL(TURNOVER, TURNOVER_BACK),
    ]
