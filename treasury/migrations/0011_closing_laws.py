"""What the database itself holds about closed months and frozen reports (docs/decisions/0010-documents.md)."""

from django.db import migrations

APPEND_ONLY = ("explanation", "reportfile", "reportapproval", "reportread", "restatement")
KEEP = "".join(
    f"CREATE TRIGGER treasury_{table}_append_only BEFORE UPDATE OR DELETE ON treasury_{table} "
    "FOR EACH ROW EXECUTE FUNCTION treasury_refuse_change();\n"
    for table in APPEND_ONLY
)
KEEP_BACK = "".join(f"DROP TRIGGER treasury_{table}_append_only ON treasury_{table};\n" for table in APPEND_ONLY)

# Once a month is closed, so is every month before it. The lock is that of the books (treasury.books.entries): who
# writes waits for who is closing, and the other way round.
CLOSED = """
CREATE FUNCTION treasury_refuse_closed_entry() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE
    last_closed date;
    early text;
BEGIN
    PERFORM pg_advisory_xact_lock(4202002);
    SELECT max(month) INTO last_closed FROM treasury_closedmonth WHERE reopened_at IS NULL;
    SELECT source_id INTO early FROM added
    WHERE at < (last_closed + interval '1 month') AT TIME ZONE 'UTC' ORDER BY at LIMIT 1;
    IF early IS NOT NULL THEN
        RAISE EXCEPTION '% is dated in a closed month: post an adjustment in an open one', early
        USING ERRCODE = 'restrict_violation';
    END IF;
    RETURN NULL;
END $$;
CREATE TRIGGER treasury_journalentry_open_month AFTER INSERT ON treasury_journalentry
    REFERENCING NEW TABLE AS added FOR EACH STATEMENT EXECUTE FUNCTION treasury_refuse_closed_entry();
CREATE FUNCTION treasury_refuse_closed_event() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    PERFORM pg_advisory_xact_lock(4202002);
    IF NEW."on" < (SELECT max(month) + interval '1 month' FROM treasury_closedmonth WHERE reopened_at IS NULL) THEN
        RAISE EXCEPTION '% is dated in a closed month: post an adjustment in an open one', NEW.source_id
        USING ERRCODE = 'restrict_violation';
    END IF;
    RETURN NEW;
END $$;
CREATE TRIGGER treasury_loanevent_open_month BEFORE INSERT ON treasury_loanevent
    FOR EACH ROW EXECUTE FUNCTION treasury_refuse_closed_event();
"""
CLOSED_BACK = """
DROP TRIGGER treasury_loanevent_open_month ON treasury_loanevent;
DROP FUNCTION treasury_refuse_closed_event();
DROP TRIGGER treasury_journalentry_open_month ON treasury_journalentry;
DROP FUNCTION treasury_refuse_closed_entry();
"""

# A closing is only ever completed by its reopening; nobody rewrites who closed what, and a reopened one stays.
CLOSING = """
CREATE FUNCTION treasury_keep_closing() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF TG_OP = 'DELETE' OR OLD.reopened_at IS NOT NULL
       OR (NEW.month, NEW.closed_at, NEW.closed_by, NEW.closed_by_id, NEW.proof)
          IS DISTINCT FROM (OLD.month, OLD.closed_at, OLD.closed_by, OLD.closed_by_id, OLD.proof) THEN
        RAISE EXCEPTION 'a closing is never changed or removed' USING ERRCODE = 'restrict_violation';
    END IF;
    RETURN NEW;
END $$;
CREATE TRIGGER treasury_closedmonth_kept BEFORE UPDATE OR DELETE ON treasury_closedmonth
    FOR EACH ROW EXECUTE FUNCTION treasury_keep_closing();
"""
CLOSING_BACK = "DROP TRIGGER treasury_closedmonth_kept ON treasury_closedmonth; DROP FUNCTION treasury_keep_closing();"

# The figures of a report never change, and nothing of a published one; it is published after two approvals of its
# hash by people who did not make it, and not before its time.
REPORT = """
CREATE FUNCTION treasury_keep_report() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF TG_OP = 'DELETE' OR OLD.state IN ('published', 'withdrawn')
       OR (NEW.month, NEW.version, NEW.basis, NEW.snapshot, NEW.sha256, NEW.made_at, NEW.made_by_id)
          IS DISTINCT FROM (OLD.month, OLD.version, OLD.basis, OLD.snapshot, OLD.sha256, OLD.made_at, OLD.made_by_id) THEN
        RAISE EXCEPTION 'a frozen report is never changed or removed' USING ERRCODE = 'restrict_violation';
    END IF;
    IF NEW.state IN ('approved', 'published') AND (
        SELECT count(*) FROM treasury_reportapproval
        WHERE report_id = NEW.id AND sha256 = NEW.sha256 AND who_id <> NEW.made_by_id) < 2 THEN
        RAISE EXCEPTION 'a report takes the approval of two people' USING ERRCODE = 'restrict_violation';
    END IF;
    IF NEW.state = 'published' AND (NEW.release_at IS NULL OR NEW.release_at > clock_timestamp()) THEN
        RAISE EXCEPTION 'a report is not published before its time' USING ERRCODE = 'restrict_violation';
    END IF;
    RETURN NEW;
END $$;
CREATE TRIGGER treasury_report_kept BEFORE UPDATE OR DELETE ON treasury_report
    FOR EACH ROW EXECUTE FUNCTION treasury_keep_report();
"""
REPORT_BACK = "DROP TRIGGER treasury_report_kept ON treasury_report; DROP FUNCTION treasury_keep_report();"

TEXT = """
CREATE FUNCTION treasury_keep_text() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF TG_OP = 'DELETE' OR OLD.approved_at IS NOT NULL
       OR (NEW.kind, NEW.language, NEW.version, NEW.month, NEW.text, NEW.speaker, NEW.written_by_id)
          IS DISTINCT FROM
          (OLD.kind, OLD.language, OLD.version, OLD.month, OLD.text, OLD.speaker, OLD.written_by_id) THEN
        RAISE EXCEPTION 'a version of a text is never changed or removed' USING ERRCODE = 'restrict_violation';
    END IF;
    RETURN NEW;
END $$;
CREATE TRIGGER treasury_standingtext_kept BEFORE UPDATE OR DELETE ON treasury_standingtext
    FOR EACH ROW EXECUTE FUNCTION treasury_keep_text();
"""
TEXT_BACK = "DROP TRIGGER treasury_standingtext_kept ON treasury_standingtext; DROP FUNCTION treasury_keep_text();"


class Migration(migrations.Migration):

    dependencies = [
        ('treasury', '0010_closing'),
    ]

    operations = [
        migrations.RunSQL(KEEP, KEEP_BACK),
        migrations.RunSQL(CLOSED, CLOSED_BACK),
        migrations.RunSQL(CLOSING, CLOSING_BACK),
        migrations.RunSQL(REPORT, REPORT_BACK),
        migrations.RunSQL(TEXT, TEXT_BACK),
    ]
