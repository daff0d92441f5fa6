"""What the database itself holds about lots that belong to wallets (docs/decisions/0020-embargo-and-lots.md)."""

from django.db import migrations

APPEND_ONLY = ("lotmove", "lotscope")
KEEP = "".join(
    f"CREATE TRIGGER treasury_{table}_append_only BEFORE UPDATE OR DELETE ON treasury_{table} "
    "FOR EACH ROW EXECUTE FUNCTION treasury_refuse_change();\n"
    for table in APPEND_ONLY
)
KEEP_BACK = "".join(f"DROP TRIGGER treasury_{table}_append_only ON treasury_{table};\n" for table in APPEND_ONLY)

# No more of a lot is taken or carried away than lies there: what came there, and what transfers carried there. Judged
# when the transaction commits, because a costing is reversed and made anew in one.
COVERED = """
CREATE FUNCTION treasury_lot_covered(of_lot bigint, account text) RETURNS void LANGUAGE plpgsql AS $$
DECLARE
    code text;
BEGIN
    SELECT l.code INTO code FROM treasury_lot l WHERE l.id = of_lot AND
        CASE WHEN l.held_at = account THEN l.sat ELSE 0 END
        + (SELECT coalesce(sum(sat), 0) FROM treasury_lotmove WHERE lot_id = of_lot AND target = account)
        - (SELECT coalesce(sum(sat), 0) FROM treasury_lotmove WHERE lot_id = of_lot AND origin = account)
        - (SELECT coalesce(sum(sat), 0) FROM treasury_lotuse WHERE lot_id = of_lot AND held_at = account) < 0;
    IF code IS NOT NULL THEN
        RAISE EXCEPTION 'lot % does not lie at %: no transfer carried it there', code, account
            USING ERRCODE = 'check_violation';
    END IF;
END $$;
CREATE FUNCTION treasury_use_covered() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    PERFORM treasury_lot_covered(NEW.lot_id, NEW.held_at);
    RETURN NULL;
END $$;
CREATE CONSTRAINT TRIGGER treasury_use_covered AFTER INSERT ON treasury_lotuse DEFERRABLE INITIALLY DEFERRED
    FOR EACH ROW WHEN (NEW.held_at <> '' AND NEW.lot_id IS NOT NULL) EXECUTE FUNCTION treasury_use_covered();
CREATE FUNCTION treasury_move_covered() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    PERFORM treasury_lot_covered(NEW.lot_id, NEW.origin);
    PERFORM treasury_lot_covered(NEW.lot_id, NEW.target);
    RETURN NULL;
END $$;
CREATE CONSTRAINT TRIGGER treasury_move_covered AFTER INSERT ON treasury_lotmove DEFERRABLE INITIALLY DEFERRED
    FOR EACH ROW WHEN (NEW.lot_id IS NOT NULL) EXECUTE FUNCTION treasury_move_covered();
"""
COVERED_BACK = """
DROP TRIGGER treasury_move_covered ON treasury_lotmove; DROP FUNCTION treasury_move_covered();
DROP TRIGGER treasury_use_covered ON treasury_lotuse; DROP FUNCTION treasury_use_covered();
DROP FUNCTION treasury_lot_covered(bigint, text);
"""

# A disposal takes lots of the very place that its coins left, and a move goes the way of its entry's coins.
PLACED = """
CREATE FUNCTION treasury_coins_moved(entry bigint, account text, sign int) RETURNS boolean LANGUAGE sql AS $$
    SELECT EXISTS (SELECT FROM treasury_posting p JOIN treasury_account a ON a.id = p.account_id
                   WHERE p.entry_id = entry AND a.code = account AND sign(p.amount_sat) = sign)
$$;
CREATE FUNCTION treasury_use_placed() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF NEW.held_at = '' THEN
        IF EXISTS (SELECT FROM treasury_lotscope s JOIN treasury_journalentry e ON e.at >= s.since
                   WHERE e.id = NEW.disposal_id) THEN
            RAISE EXCEPTION 'lots belong to wallets: a disposal names the wallet' USING ERRCODE = 'check_violation';
        END IF;
    ELSIF NOT treasury_coins_moved(NEW.disposal_id, NEW.held_at, -1) THEN
        RAISE EXCEPTION 'a disposal takes no lot of %, which its coins did not leave', NEW.held_at
            USING ERRCODE = 'check_violation';
    END IF;
    RETURN NEW;
END $$;
CREATE TRIGGER treasury_use_placed BEFORE INSERT ON treasury_lotuse
    FOR EACH ROW EXECUTE FUNCTION treasury_use_placed();
CREATE FUNCTION treasury_move_placed() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF NEW.entry_id IS NULL AND NEW.origin = '' THEN
        RETURN NEW;
    END IF;
    IF NEW.entry_id IS NULL OR (NEW.origin <> NEW.target AND NOT (
        treasury_coins_moved(NEW.entry_id, NEW.origin, -1) AND treasury_coins_moved(NEW.entry_id, NEW.target, 1))) THEN
        RAISE EXCEPTION 'lots go where the coins of a transfer go' USING ERRCODE = 'check_violation';
    END IF;
    RETURN NEW;
END $$;
CREATE TRIGGER treasury_move_placed BEFORE INSERT ON treasury_lotmove
    FOR EACH ROW EXECUTE FUNCTION treasury_move_placed();
"""
PLACED_BACK = """
DROP TRIGGER treasury_move_placed ON treasury_lotmove; DROP FUNCTION treasury_move_placed();
DROP TRIGGER treasury_use_placed ON treasury_lotuse; DROP FUNCTION treasury_use_placed();
DROP FUNCTION treasury_coins_moved(bigint, text, int);
"""


class Migration(migrations.Migration):

    dependencies = [
        ('treasury', '0062_lots'),
    ]

    operations = [
        migrations.RunSQL(KEEP, KEEP_BACK),
        migrations.RunSQL(COVERED, COVERED_BACK),
        migrations.RunSQL(PLACED, PLACED_BACK),
    ]
