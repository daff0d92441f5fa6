"""Partitions are made and dropped by functions that run as their owner, so that the console's role needs no DDL.

They take nothing of the caller but which table and when: names and bounds are theirs (docs/decisions/0022).
"""

from django.db import migrations

# Days that each table keeps, and whether it has a partition a month; compute.telemetry.partitions says the same.
KEPT = """
CREATE FUNCTION telemetry_kept(OUT parent text, OUT keep_days int, OUT monthly boolean, OUT storage text)
RETURNS SETOF record LANGUAGE sql IMMUTABLE AS $$
    VALUES ('telemetry_hot', 3, false, ' WITH (toast_tuple_target = 8160)'), ('telemetry_chunk', 90, false, ''),
           ('telemetry_rollup_60', 35, false, ''), ('telemetry_rollup_900', 400, true, '')
$$;
"""
KEPT_BACK = "DROP FUNCTION telemetry_kept();"

# Two that want the same partition queue up; the second finds it made. Not by to_regclass(): it may remember from
# before the lock was waited for that there was none.
MAKE = """
CREATE FUNCTION telemetry_make_partition(wanted text, moment timestamptz) RETURNS boolean
LANGUAGE plpgsql SECURITY DEFINER AS $$
DECLARE
    kept record;
    unit text;
    first_at timestamptz;
    after_at timestamptz;
    name text;
BEGIN
    SELECT * INTO STRICT kept FROM telemetry_kept() WHERE parent = wanted;
    unit := CASE WHEN kept.monthly THEN 'month' ELSE 'day' END;
    first_at := date_trunc(unit, moment, 'UTC');
    after_at := (first_at AT TIME ZONE 'UTC' + ('1 ' || unit)::interval) AT TIME ZONE 'UTC';
    name := wanted || '_p' || to_char(first_at AT TIME ZONE 'UTC', CASE WHEN kept.monthly THEN 'YYYYMM' ELSE 'YYYYMMDD' END);
    PERFORM pg_advisory_xact_lock(32286, hashtext(wanted));
    IF EXISTS (SELECT FROM pg_class AS one JOIN pg_class AS whole USING (relnamespace)
               WHERE one.relname = name AND whole.oid = wanted::regclass) THEN
        RETURN false;
    END IF;
    EXECUTE format('CREATE TABLE %I (LIKE %I INCLUDING ALL)', name, wanted) || kept.storage;
    EXECUTE format('ALTER TABLE %I ATTACH PARTITION %I FOR VALUES FROM (%L) TO (%L)', wanted, name, first_at, after_at);
    RETURN true;
END $$;
"""
MAKE_BACK = "DROP FUNCTION telemetry_make_partition(text, timestamptz);"

DROP = """
CREATE FUNCTION telemetry_drop_partition(name text) RETURNS void LANGUAGE plpgsql SECURITY DEFINER AS $$
DECLARE
    kept record;
    stamp text := substring(name FROM '_p(\\d{6,8})$');
    ends_at timestamptz;
BEGIN
    SELECT telemetry_kept.* INTO kept FROM telemetry_kept()
    JOIN pg_inherits ON inhparent = parent::regclass AND inhrelid = to_regclass(quote_ident(name));
    IF NOT FOUND OR stamp IS NULL THEN
        RAISE EXCEPTION '% is no partition of telemetry', name USING ERRCODE = 'restrict_violation';
    END IF;
    ends_at := (CASE WHEN kept.monthly THEN to_date(stamp, 'YYYYMM') + interval '1 month'
                     ELSE to_date(stamp, 'YYYYMMDD') + interval '1 day' END) AT TIME ZONE 'UTC';
    IF ends_at > clock_timestamp() - make_interval(days => kept.keep_days) THEN
        RAISE EXCEPTION '% is still to be kept', name USING ERRCODE = 'restrict_violation';
    END IF;
    EXECUTE format('DROP TABLE %I', name);
END $$;
"""
DROP_BACK = "DROP FUNCTION telemetry_drop_partition(text);"

# What runs as its owner resolves names in the console's schema alone, never in one of the caller's choice.
FIXED = """
DO $$ DECLARE
    one text;
BEGIN
    FOREACH one IN ARRAY ARRAY['telemetry_make_partition(text, timestamptz)', 'telemetry_drop_partition(text)'] LOOP
        EXECUTE format('ALTER FUNCTION %s SET search_path = %I, pg_temp', one, current_schema());
        EXECUTE format('ALTER FUNCTION %s SET timezone = %L', one, 'UTC');
    END LOOP;
END $$;
"""


class Migration(migrations.Migration):
    dependencies = [("compute", "0061_settling")]
    operations = [
        migrations.RunSQL(KEPT, KEPT_BACK),
        migrations.RunSQL(MAKE, MAKE_BACK),
        migrations.RunSQL(DROP, DROP_BACK),
        migrations.RunSQL(FIXED, migrations.RunSQL.noop),
    ]
