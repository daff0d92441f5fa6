"""What the database itself holds about proposals (docs/decisions/0013-maker-checker.md)."""

from django.db import migrations

APPEND_ONLY = ("proposalapproval", "treasurypolicy", "treasurycap")
KEEP = "".join(
    f"CREATE TRIGGER treasury_{table}_append_only BEFORE UPDATE OR DELETE ON treasury_{table} "
    "FOR EACH ROW EXECUTE FUNCTION treasury_refuse_change();\n"
    for table in APPEND_ONLY
)
KEEP_BACK = "".join(f"DROP TRIGGER treasury_{table}_append_only ON treasury_{table};\n" for table in APPEND_ONLY)

# What was proposed stays; a state goes where it may; approved takes the approvals of others for this very content.
PROPOSAL = """
CREATE FUNCTION treasury_keep_proposal() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF TG_OP = 'INSERT' THEN
        IF NEW.state <> 'proposed' THEN
            RAISE EXCEPTION 'a proposal begins by being proposed' USING ERRCODE = 'restrict_violation';
        END IF;
        RETURN NEW;
    END IF;
    IF TG_OP = 'DELETE' OR (NEW.key, NEW.kind, NEW.terms, NEW.digest, NEW.reason, NEW.maker_id, NEW.proposed_at,
        NEW.not_after, NEW.approvals_needed, NEW.value_usd, NEW.price_usd, NEW.effect, NEW.made_as, NEW.ruling)
        IS DISTINCT FROM (OLD.key, OLD.kind, OLD.terms, OLD.digest, OLD.reason, OLD.maker_id, OLD.proposed_at,
        OLD.not_after, OLD.approvals_needed, OLD.value_usd, OLD.price_usd, OLD.effect, OLD.made_as, OLD.ruling) THEN
        RAISE EXCEPTION 'what was proposed is never changed or removed' USING ERRCODE = 'restrict_violation';
    END IF;
    IF (OLD.state, NEW.state) NOT IN (('proposed', 'approved'), ('proposed', 'rejected'), ('proposed', 'withdrawn'),
        ('proposed', 'expired'), ('approved', 'booked'), ('approved', 'rejected'), ('approved', 'withdrawn'),
        ('approved', 'expired')) THEN
        RAISE EXCEPTION 'no proposal goes from % to %', OLD.state, NEW.state USING ERRCODE = 'restrict_violation';
    END IF;
    IF NEW.state = 'approved' AND (NEW.not_after <= clock_timestamp() OR (
        SELECT count(DISTINCT approver_id) FROM treasury_proposalapproval
        WHERE proposal_id = NEW.id AND digest = NEW.digest AND approver_id <> NEW.maker_id) < NEW.approvals_needed) THEN
        RAISE EXCEPTION 'a proposal takes the approval of others, in time' USING ERRCODE = 'restrict_violation';
    END IF;
    RETURN NEW;
END $$;
CREATE TRIGGER treasury_proposal_kept BEFORE INSERT OR UPDATE OR DELETE ON treasury_proposal
    FOR EACH ROW EXECUTE FUNCTION treasury_keep_proposal();
CREATE FUNCTION treasury_refuse_own_approval() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF NEW.approver_id = (SELECT maker_id FROM treasury_proposal WHERE id = NEW.proposal_id) THEN
        RAISE EXCEPTION 'nobody approves a proposal of their own' USING ERRCODE = 'restrict_violation';
    END IF;
    RETURN NEW;
END $$;
CREATE TRIGGER treasury_proposalapproval_of_another BEFORE INSERT ON treasury_proposalapproval
    FOR EACH ROW EXECUTE FUNCTION treasury_refuse_own_approval();
"""
PROPOSAL_BACK = """
DROP TRIGGER treasury_proposalapproval_of_another ON treasury_proposalapproval;
DROP FUNCTION treasury_refuse_own_approval();
DROP TRIGGER treasury_proposal_kept ON treasury_proposal;
DROP FUNCTION treasury_keep_proposal();
"""

# An entry of the address book is only ever retired, once.
BENEFICIARY = """
CREATE FUNCTION treasury_keep_beneficiary() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF TG_OP = 'DELETE' OR OLD.retired_at IS NOT NULL
       OR (NEW.name, NEW.address, NEW.network, NEW.script, NEW.purpose, NEW.proposal_id, NEW.added_by_id,
           NEW.verified_by_id, NEW.verified_at, NEW.verified_how, NEW.effective_at)
          IS DISTINCT FROM (OLD.name, OLD.address, OLD.network, OLD.script, OLD.purpose, OLD.proposal_id,
           OLD.added_by_id, OLD.verified_by_id, OLD.verified_at, OLD.verified_how, OLD.effective_at) THEN
        RAISE EXCEPTION 'an entry of the address book is never changed or removed' USING ERRCODE = 'restrict_violation';
    END IF;
    RETURN NEW;
END $$;
CREATE TRIGGER treasury_beneficiary_kept BEFORE UPDATE OR DELETE ON treasury_beneficiary
    FOR EACH ROW EXECUTE FUNCTION treasury_keep_beneficiary();
"""
BENEFICIARY_BACK = """
DROP TRIGGER treasury_beneficiary_kept ON treasury_beneficiary; DROP FUNCTION treasury_keep_beneficiary();
"""


class Migration(migrations.Migration):

    dependencies = [
        ('treasury', '0020_proposals'),
    ]

    operations = [
        migrations.RunSQL(KEEP, KEEP_BACK),
        migrations.RunSQL(PROPOSAL, PROPOSAL_BACK),
        migrations.RunSQL(BENEFICIARY, BENEFICIARY_BACK),
    ]
