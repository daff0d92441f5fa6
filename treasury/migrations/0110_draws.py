"""Drawdowns of loans are told as proposals; the database holds the kinds as text, so nothing of it changes."""

from django.db import migrations, models


class Migration(migrations.Migration):

    dependencies = [
        ('treasury', '0100_loan_terms'),
    ]

    operations = [
        migrations.AlterField(
            model_name='proposal',
            name='kind',
            field=models.CharField(choices=[('sale', 'Sale'), ('sell_to_fund', 'Sale to fund a need'), ('repay', 'Repayment'), ('repay_in_coins', 'Repayment in pledged coins'), ('pledge', 'Pledge'), ('top_up', 'Top-up'), ('release', 'Release'), ('transfer', 'Transfer'), ('address', 'Address book entry'), ('cost_method', 'Change of cost method'), ('lot_scope', 'Lots by wallet'), ('policy', 'Change of policy'), ('exception', 'Exception from an embargo'), ('draw', 'Drawdown of a loan'), ('call', 'Call by a lender'), ('rate', 'New rate of a loan'), ('liquidation', 'Liquidation by a lender'), ('import', 'Import of a file of facts')], max_length=16),
        ),
    ]
