"""What the database itself holds about embargoes (docs/decisions/0020-embargo-and-lots.md)."""

from django.db import migrations

# In words the first window that forbids the person to sell at this moment, else NULL. The same rule as
# treasury.proposals.embargo.binding.
BINDS = """
CREATE FUNCTION treasury_embargo_of(who bigint) RETURNS text LANGUAGE sql AS $$
    SELECT held.words FROM (
        SELECT kind || ' until ' || ends_at AS words, starts_at, binds FROM treasury_embargowindow
        WHERE starts_at <= clock_timestamp() AND ends_at > clock_timestamp() AND lifted_at IS NULL
        UNION ALL
        SELECT 'before the release of ' || month, made_at, 'insiders' FROM treasury_report
        WHERE basis = 'ledger' AND state IN ('draft', 'approved') AND release_at IS NOT NULL
    ) AS held
    WHERE held.binds = 'everyone'
        OR NOT EXISTS (SELECT FROM treasury_insider WHERE ended_at IS NULL)
        OR EXISTS (SELECT FROM treasury_insider
                   WHERE user_id = who AND (ended_at IS NULL OR ended_at > held.starts_at))
    ORDER BY held.starts_at LIMIT 1
$$;
CREATE FUNCTION treasury_refuse_under_embargo(sale bigint, who bigint) RETURNS void LANGUAGE plpgsql AS $$
DECLARE
    words text := treasury_embargo_of(who);
BEGIN
    IF words IS NOT NULL AND NOT EXISTS (SELECT FROM treasury_embargoexception WHERE sale_id = sale) THEN
        RAISE EXCEPTION 'no sale under an embargo (%) without an exception', words USING ERRCODE = 'restrict_violation';
    END IF;
END $$;
"""
BINDS_BACK = """
DROP FUNCTION treasury_refuse_under_embargo(bigint, bigint);
DROP FUNCTION treasury_embargo_of(bigint);
"""

# A sale is made, approved and booked by those alone whom nothing forbids it. Its exception is tied to it after the row
# is there, so the making is judged when its transaction commits.
SALES = """
CREATE FUNCTION treasury_sale_under_embargo() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    PERFORM treasury_refuse_under_embargo(NEW.id, CASE TG_OP WHEN 'INSERT' THEN NEW.maker_id ELSE NEW.booked_by_id END);
    RETURN NEW;
END $$;
CREATE CONSTRAINT TRIGGER treasury_sale_made AFTER INSERT ON treasury_proposal
    DEFERRABLE INITIALLY DEFERRED FOR EACH ROW
    WHEN (NEW.kind IN ('sale', 'sell_to_fund', 'repay_in_coins'))
    EXECUTE FUNCTION treasury_sale_under_embargo();
CREATE TRIGGER treasury_sale_booked BEFORE UPDATE ON treasury_proposal FOR EACH ROW
    WHEN (NEW.kind IN ('sale', 'sell_to_fund', 'repay_in_coins') AND NEW.state = 'booked')
    EXECUTE FUNCTION treasury_sale_under_embargo();
CREATE FUNCTION treasury_approval_under_embargo() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF (SELECT kind FROM treasury_proposal WHERE id = NEW.proposal_id) IN ('sale', 'sell_to_fund', 'repay_in_coins') THEN
        PERFORM treasury_refuse_under_embargo(NEW.proposal_id, NEW.approver_id);
    END IF;
    RETURN NEW;
END $$;
CREATE TRIGGER treasury_sale_approved BEFORE INSERT ON treasury_proposalapproval
    FOR EACH ROW EXECUTE FUNCTION treasury_approval_under_embargo();
"""
SALES_BACK = """
DROP TRIGGER treasury_sale_approved ON treasury_proposalapproval;
DROP FUNCTION treasury_approval_under_embargo();
DROP TRIGGER treasury_sale_booked ON treasury_proposal;
DROP TRIGGER treasury_sale_made ON treasury_proposal;
DROP FUNCTION treasury_sale_under_embargo();
"""

# An exception stands on two others, and is tied to one sale once.
EXCEPTION = """
CREATE FUNCTION treasury_keep_exception() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF TG_OP = 'INSERT' THEN
        IF NOT EXISTS (
            SELECT FROM treasury_proposal p WHERE p.id = NEW.proposal_id AND p.kind = 'exception' AND p.state = 'approved'
            AND (SELECT count(DISTINCT a.approver_id) FROM treasury_proposalapproval a
                 WHERE a.proposal_id = p.id AND a.digest = p.digest AND a.approver_id <> p.maker_id) >= 2
        ) THEN
            RAISE EXCEPTION 'an exception takes two others' USING ERRCODE = 'restrict_violation';
        END IF;
        RETURN NEW;
    END IF;
    IF TG_OP = 'DELETE' OR OLD.sale_id IS NOT NULL
       OR (NEW.proposal_id, NEW.sat, NEW.until, NEW.windows)
          IS DISTINCT FROM (OLD.proposal_id, OLD.sat, OLD.until, OLD.windows) THEN
        RAISE EXCEPTION 'an exception is never changed or removed' USING ERRCODE = 'restrict_violation';
    END IF;
    RETURN NEW;
END $$;
CREATE TRIGGER treasury_exception_kept BEFORE INSERT OR UPDATE OR DELETE ON treasury_embargoexception
    FOR EACH ROW EXECUTE FUNCTION treasury_keep_exception();
"""
EXCEPTION_BACK = """
DROP TRIGGER treasury_exception_kept ON treasury_embargoexception; DROP FUNCTION treasury_keep_exception();
"""

# A window is only ever lifted; a person's time on the list only ever ends.
KEPT = """
CREATE FUNCTION treasury_keep_embargo() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF TG_OP = 'DELETE' OR OLD.lifted_at IS NOT NULL
       OR (NEW.kind, NEW.binds, NEW.starts_at, NEW.ends_at, NEW.reason, NEW.set_by_id, NEW.set_at)
          IS DISTINCT FROM (OLD.kind, OLD.binds, OLD.starts_at, OLD.ends_at, OLD.reason, OLD.set_by_id, OLD.set_at) THEN
        RAISE EXCEPTION 'an embargo is never changed or removed' USING ERRCODE = 'restrict_violation';
    END IF;
    RETURN NEW;
END $$;
CREATE TRIGGER treasury_embargo_kept BEFORE UPDATE OR DELETE ON treasury_embargowindow
    FOR EACH ROW EXECUTE FUNCTION treasury_keep_embargo();
CREATE FUNCTION treasury_keep_insider() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF TG_OP = 'DELETE' OR OLD.ended_at IS NOT NULL
       OR (NEW.user_id, NEW.why, NEW.added_by_id, NEW.added_at)
          IS DISTINCT FROM (OLD.user_id, OLD.why, OLD.added_by_id, OLD.added_at) THEN
        RAISE EXCEPTION 'the list of insiders is never changed or removed' USING ERRCODE = 'restrict_violation';
    END IF;
    RETURN NEW;
END $$;
CREATE TRIGGER treasury_insider_kept BEFORE UPDATE OR DELETE ON treasury_insider
    FOR EACH ROW EXECUTE FUNCTION treasury_keep_insider();
"""
KEPT_BACK = """
DROP TRIGGER treasury_insider_kept ON treasury_insider; DROP FUNCTION treasury_keep_insider();
DROP TRIGGER treasury_embargo_kept ON treasury_embargowindow; DROP FUNCTION treasury_keep_embargo();
"""


class Migration(migrations.Migration):

    dependencies = [
        ('treasury', '0060_embargo'),
    ]

    operations = [
        migrations.RunSQL(BINDS, BINDS_BACK),
        migrations.RunSQL(SALES, SALES_BACK),
        migrations.RunSQL(EXCEPTION, EXCEPTION_BACK),
        migrations.RunSQL(KEPT, KEPT_BACK),
    ]
