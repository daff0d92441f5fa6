from django.db import migrations, models

MAY_GO = """
CREATE OR REPLACE FUNCTION plan_inputs_stay() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF NEW.inputs IS NULL AND NEW.chosen IS NULL AND NEW.thinned_at IS NOT NULL AND NEW.digest = OLD.digest
       AND NEW.facts = OLD.facts AND NEW.made_at = OLD.made_at AND NEW.profit_usd IS NOT DISTINCT FROM OLD.profit_usd
       AND NOT EXISTS (SELECT FROM compute_decision WHERE plan_id = OLD.id) THEN
        RETURN NEW;
    END IF;
    RAISE EXCEPTION 'what a plan was made from never changes';
END $$;
"""
STAY = """
CREATE OR REPLACE FUNCTION plan_inputs_stay() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    RAISE EXCEPTION 'what a plan was made from never changes';
END $$;
"""


class Migration(migrations.Migration):
    dependencies = [("compute", "0015_plan_inputs_stay")]
    operations = [
        migrations.AddField("plan", "thinned_at", models.DateTimeField(editable=False, null=True)),
        migrations.RemoveField("switchmemory", "started_h"),
        migrations.RunSQL(MAY_GO, STAY),
    ]
