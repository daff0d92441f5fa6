"""What the database itself holds about restatements and releases (docs/decisions/0016-releases.md)."""

from django.db import migrations

# A restatement is ruled on once, by another person; what was asked never changes.
RESTATEMENT = """
DROP TRIGGER treasury_restatement_append_only ON treasury_restatement;
CREATE FUNCTION treasury_keep_restatement() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF TG_OP = 'DELETE' OR OLD.ruled_at IS NOT NULL
       OR (NEW.month, NEW.code, NEW.old, NEW.new, NEW.reason, NEW.who, NEW.who_id, NEW.at)
          IS DISTINCT FROM (OLD.month, OLD.code, OLD.old, OLD.new, OLD.reason, OLD.who, OLD.who_id, OLD.at) THEN
        RAISE EXCEPTION 'a restatement is never changed or removed' USING ERRCODE = 'restrict_violation';
    END IF;
    RETURN NEW;
END $$;
CREATE TRIGGER treasury_restatement_kept BEFORE UPDATE OR DELETE ON treasury_restatement
    FOR EACH ROW EXECUTE FUNCTION treasury_keep_restatement();
"""
RESTATEMENT_BACK = """
DROP TRIGGER treasury_restatement_kept ON treasury_restatement;
DROP FUNCTION treasury_keep_restatement();
CREATE TRIGGER treasury_restatement_append_only BEFORE UPDATE OR DELETE ON treasury_restatement
    FOR EACH ROW EXECUTE FUNCTION treasury_refuse_change();
"""

# Nobody is told of what is not published, and who was told stays on record.
DELIVERY = """
CREATE FUNCTION treasury_keep_delivery() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF TG_OP = 'INSERT' THEN
        IF NOT EXISTS (SELECT FROM treasury_report WHERE id = NEW.report_id AND state = 'published') THEN
            RAISE EXCEPTION 'nobody is told of a report that is not published' USING ERRCODE = 'restrict_violation';
        END IF;
        RETURN NEW;
    END IF;
    IF TG_OP = 'DELETE'
       OR (NEW.report_id, NEW.subscriber_id, NEW.message_id, NEW.queued_at)
          IS DISTINCT FROM (OLD.report_id, OLD.subscriber_id, OLD.message_id, OLD.queued_at) THEN
        RAISE EXCEPTION 'who was told of a release stays on record' USING ERRCODE = 'restrict_violation';
    END IF;
    RETURN NEW;
END $$;
CREATE TRIGGER treasury_releasedelivery_kept BEFORE INSERT OR UPDATE OR DELETE ON treasury_releasedelivery
    FOR EACH ROW EXECUTE FUNCTION treasury_keep_delivery();
"""
DELIVERY_BACK = """
DROP TRIGGER treasury_releasedelivery_kept ON treasury_releasedelivery;
DROP FUNCTION treasury_keep_delivery();
"""

# Emptying a table fires no row's trigger, so it has one of its own: what a closed month or a published report stands on
# is not emptied either.
BOOKS = ("account", "journalentry", "posting", "loanevent", "closedmonth", "explanation")
REPORTS = ("report", "reportfile", "reportapproval", "reportread", "restatement", "standingtext", "releasedelivery")
EMPTYING = """
CREATE FUNCTION treasury_refuse_emptying() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF EXISTS (SELECT FROM treasury_closedmonth WHERE reopened_at IS NULL)
       OR EXISTS (SELECT FROM treasury_report WHERE state = 'published') THEN
        RAISE EXCEPTION 'a month is closed, or a report published: % is not emptied', TG_TABLE_NAME
        USING ERRCODE = 'restrict_violation';
    END IF;
    RETURN NULL;
END $$;
""" + "".join(
    f"CREATE TRIGGER treasury_{table}_not_emptied BEFORE TRUNCATE ON treasury_{table} "
    "FOR EACH STATEMENT EXECUTE FUNCTION treasury_refuse_emptying();\n"
    for table in (*BOOKS, *REPORTS)
)
EMPTYING_BACK = "".join(
    f"DROP TRIGGER treasury_{table}_not_emptied ON treasury_{table};\n" for table in (*BOOKS, *REPORTS)
) + "DROP FUNCTION treasury_refuse_emptying();"


class Migration(migrations.Migration):

    dependencies = [
        ("treasury", "0050_release"),
    ]

    operations = [
        migrations.RunSQL(RESTATEMENT, RESTATEMENT_BACK),
        migrations.RunSQL(DELIVERY, DELIVERY_BACK),
        migrations.RunSQL(EMPTYING, EMPTYING_BACK),
    ]
