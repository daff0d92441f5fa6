from django.db import migrations

STAY = """
CREATE FUNCTION plan_inputs_stay() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    RAISE EXCEPTION 'what a plan was made from never changes';
END $$;
CREATE TRIGGER plan_inputs_stay BEFORE UPDATE OF inputs, chosen, digest, facts, profit_usd, made_at ON compute_plan
FOR EACH ROW EXECUTE FUNCTION plan_inputs_stay();
"""
GO = "DROP TRIGGER plan_inputs_stay ON compute_plan; DROP FUNCTION plan_inputs_stay();"


class Migration(migrations.Migration):
    dependencies = [("compute", "0014_decisions")]
    operations = [migrations.RunSQL(STAY, GO)]
