
import django.db.models.deletion
from django.conf import settings
from django.db import migrations, models


class Migration(migrations.Migration):

    dependencies = [
        ('compute', '0009_pools'),
        ('sites', '0004_address_range'),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.CreateModel(
            name='Order',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('request_id', models.UUIDField(help_text='made by the sender: a repeated request is the same order', unique=True)),
                ('verb', models.CharField(choices=[('sleep', 'Sleep'), ('wake', 'Wake'), ('power_limit', 'Power limit')], max_length=12)),
                ('limit_w', models.PositiveIntegerField(help_text='of each machine, for power_limit', null=True)),
                ('state', models.CharField(choices=[('requested', 'Waiting for approval'), ('approved', 'Running'), ('refused', 'Refused'), ('stopped', 'Stopped'), ('expired', 'Expired'), ('done', 'Done')], default='requested', max_length=10)),
                ('source', models.CharField(default='person', help_text='opaque: who in the console wanted it', max_length=100)),
                ('is_automatic', models.BooleanField(default=False, help_text='no person requested it: a hold stops it')),
                ('requested_at', models.DateTimeField()),
                ('reason', models.CharField(max_length=300)),
                ('ruling', models.CharField(help_text='why so many approvals are needed', max_length=200)),
                ('approvals_needed', models.PositiveSmallIntegerField()),
                ('approved_at', models.DateTimeField(null=True)),
                ('not_after', models.DateTimeField(help_text='nothing of it leaves after this')),
                ('promised_w', models.FloatField()),
                ('hours', models.FloatField(help_text='how long it is meant to last; null: until something else is said', null=True)),
                ('risk_usd', models.DecimalField(decimal_places=2, help_text='what it may cost at most', max_digits=14, null=True)),
                ('skipped', models.JSONField(default=dict, help_text='machines left out, by reason')),
                ('wave_size', models.PositiveIntegerField()),
                ('wave_gap_s', models.FloatField(default=0.0)),
                ('waves', models.PositiveIntegerField()),
                ('wave', models.PositiveIntegerField(default=0)),
                ('wave_opened_at', models.DateTimeField(null=True)),
                ('ended_at', models.DateTimeField(null=True)),
                ('end_reason', models.CharField(blank=True, max_length=300)),
                ('meter_before_w', models.FloatField(null=True)),
                ('meter_before_at', models.DateTimeField(null=True)),
                ('meter_after_w', models.FloatField(null=True)),
                ('meter_after_at', models.DateTimeField(null=True)),
                ('requested_by', models.ForeignKey(null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL)),
                ('retry_of', models.ForeignKey(null=True, on_delete=django.db.models.deletion.PROTECT, related_name='retries', to='compute.order')),
                ('site', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='orders', to='sites.site')),
            ],
            options={
                'ordering': ['-pk'],
            },
        ),
        migrations.CreateModel(
            name='Command',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('place', models.CharField(help_text='where it stood, kept when the machine leaves the site map', max_length=64)),
                ('wave', models.PositiveIntegerField()),
                ('state', models.CharField(choices=[('requested', 'Requested'), ('approved', 'Approved'), ('claimed', 'Claimed'), ('sent', 'Sent'), ('acknowledged', 'Acknowledged'), ('confirmed', 'Confirmed'), ('failed', 'Failed'), ('expired', 'Expired'), ('unknown', 'Unknown'), ('stopped', 'Stopped')], default='requested', max_length=12)),
                ('epoch', models.BigIntegerField(help_text="of the sender's lease when it was claimed", null=True)),
                ('claimed_at', models.DateTimeField(null=True)),
                ('sent_at', models.DateTimeField(null=True)),
                ('acknowledged_at', models.DateTimeField(null=True)),
                ('ended_at', models.DateTimeField(null=True)),
                ('read_back_at', models.DateTimeField(help_text='when the machine was last asked what it does', null=True)),
                ('confirm_by', models.DateTimeField(null=True)),
                ('answer', models.CharField(blank=True, help_text='what the machine said', max_length=200)),
                ('reason', models.CharField(blank=True, help_text='why it ended as it did', max_length=200)),
                ('expected_w', models.FloatField(default=0.0)),
                ('before_w', models.FloatField(null=True)),
                ('after_w', models.FloatField(null=True)),
                ('device', models.ForeignKey(null=True, on_delete=django.db.models.deletion.SET_NULL, related_name='commands', to='compute.device')),
                ('retry_of', models.OneToOneField(null=True, on_delete=django.db.models.deletion.PROTECT, related_name='retry', to='compute.command')),
                ('order', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='commands', to='compute.order')),
            ],
            options={
                'ordering': ['order', 'pk'],
            },
        ),
        migrations.CreateModel(
            name='Approval',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('at', models.DateTimeField()),
                ('approver', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL)),
                ('order', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='approvals', to='compute.order')),
            ],
            options={
                'ordering': ['at'],
            },
        ),
        migrations.CreateModel(
            name='CommandPolicy',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('requester', models.CharField(choices=[('operator', 'Operator'), ('manager', 'Duty manager'), ('admin', 'Admin'), ('console', 'The console')], max_length=10)),
                ('mode', models.CharField(choices=[('advise', 'Advise only'), ('approve', 'Approve'), ('automatic', 'Automatic within limits')], default='approve', max_length=10)),
                ('max_kw', models.FloatField(default=0.0, help_text='automatic up to this')),
                ('max_hours', models.FloatField(default=0.0)),
                ('max_usd', models.DecimalField(decimal_places=2, default=0, max_digits=14)),
                ('two_person_above_kw', models.FloatField(default=1000.0, help_text='from here on two people must approve')),
                ('site', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='command_policies', to='sites.site')),
            ],
            options={
                'ordering': ['site', 'requester'],
                'constraints': [models.UniqueConstraint(fields=('site', 'requester'), name='one_command_policy_a_requester'), models.CheckConstraint(condition=models.Q(('max_hours__gte', 0), ('max_kw__gte', 0), ('max_usd__gte', 0), ('two_person_above_kw__gte', 0)), name='command_policy_not_negative')],
            },
        ),
        migrations.CreateModel(
            name='Hold',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('request_id', models.UUIDField(unique=True)),
                ('reason', models.CharField(blank=True, max_length=300)),
                ('placed_at', models.DateTimeField()),
                ('lifted_at', models.DateTimeField(null=True)),
                ('lifted_by', models.ForeignKey(null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL)),
                ('operator', models.ForeignKey(null=True, on_delete=django.db.models.deletion.PROTECT, related_name='holds', to='sites.operator')),
                ('placed_by', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL)),
                ('site', models.ForeignKey(null=True, on_delete=django.db.models.deletion.PROTECT, related_name='holds', to='sites.site')),
            ],
            options={
                'ordering': ['-placed_at'],
                'constraints': [models.CheckConstraint(condition=models.Q(('operator', None), ('site', None), _connector='OR'), name='hold_names_one_scope'), models.UniqueConstraint(condition=models.Q(('lifted_at', None)), fields=('operator', 'site'), name='one_hold_a_scope', nulls_distinct=False)],
            },
        ),
        migrations.AddIndex(
            model_name='order',
            index=models.Index(fields=['state', 'site'], name='order_by_state'),
        ),
        migrations.AddIndex(
            model_name='order',
            index=models.Index(fields=['site', '-id'], name='order_by_site'),
        ),
        migrations.AddConstraint(
            model_name='order',
            constraint=models.CheckConstraint(condition=models.Q(models.Q(('limit_w__gt', 0), ('verb', 'power_limit')), models.Q(models.Q(('verb', 'power_limit'), _negated=True), ('limit_w', None)), _connector='OR'), name='order_limit_where_it_is_one'),
        ),
        migrations.AddConstraint(
            model_name='order',
            constraint=models.CheckConstraint(condition=models.Q(('is_automatic', True), ('requested_by__isnull', False), _connector='OR'), name='order_has_somebody'),
        ),
        migrations.AddIndex(
            model_name='command',
            index=models.Index(condition=models.Q(('state__in', ['approved', 'claimed', 'sent', 'acknowledged', 'unknown'])), fields=['order', 'wave'], name='command_under_way'),
        ),
        migrations.AddIndex(
            model_name='command',
            index=models.Index(fields=['order', 'state'], name='command_by_order'),
        ),
        migrations.AddConstraint(
            model_name='command',
            constraint=models.UniqueConstraint(condition=models.Q(('state__in', ['requested', 'approved', 'claimed', 'sent', 'acknowledged', 'unknown'])), fields=('device',), name='one_open_command_a_device'),
        ),
        migrations.AddConstraint(
            model_name='approval',
            constraint=models.UniqueConstraint(fields=('order', 'approver'), name='approval_once_a_person'),
        ),
    ]
