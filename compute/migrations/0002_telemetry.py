"""Telemetry: tables partitioned by time, and rows of what is known now (docs/decisions/0001-telemetry-store.md)."""

import django.db.models.deletion
from django.db import migrations, models


# Frames stay in the row, uncompressed, up to a full page; only a container of some 400 machines goes out of line.
PARTITIONED = """
CREATE TABLE telemetry_hot (
    container_id bigint NOT NULL,
    kind smallint NOT NULL,
    minute_at timestamptz NOT NULL,
    frame bytea NOT NULL,
    PRIMARY KEY (container_id, kind, minute_at)
) PARTITION BY RANGE (minute_at);
ALTER TABLE telemetry_hot ALTER COLUMN frame SET STORAGE EXTERNAL;

CREATE TABLE telemetry_chunk (
    container_id bigint NOT NULL,
    kind smallint NOT NULL,
    hour_at timestamptz NOT NULL,
    samples integer NOT NULL,
    chunk bytea NOT NULL,
    PRIMARY KEY (container_id, kind, hour_at)
) PARTITION BY RANGE (hour_at);
ALTER TABLE telemetry_chunk ALTER COLUMN chunk SET STORAGE EXTERNAL;

CREATE TABLE telemetry_rollup (
    resolution_s integer NOT NULL,
    scope smallint NOT NULL,
    scope_id bigint NOT NULL,
    start_at timestamptz NOT NULL,
    minutes integer NOT NULL,
    expected integer NOT NULL,
    present integer NOT NULL,
    up integer NOT NULL,
    deployed_ths double precision,
    hashrate_ths double precision,
    power_w double precision,
    gpus double precision,
    gpus_reporting double precision,
    gpu_busy double precision,
    memory_used_mib double precision,
    requests_running double precision,
    tokens_per_s double precision,
    board_temp_c double precision,
    chip_temp_c double precision,
    gpu_temp_c double precision,
    PRIMARY KEY (resolution_s, scope, scope_id, start_at)
) PARTITION BY LIST (resolution_s);

CREATE TABLE telemetry_rollup_60 PARTITION OF telemetry_rollup FOR VALUES IN (60) PARTITION BY RANGE (start_at);
CREATE TABLE telemetry_rollup_900 PARTITION OF telemetry_rollup FOR VALUES IN (900) PARTITION BY RANGE (start_at);
CREATE TABLE telemetry_rollup_3600 PARTITION OF telemetry_rollup FOR VALUES IN (3600);
CREATE TABLE telemetry_rollup_86400 PARTITION OF telemetry_rollup FOR VALUES IN (86400);
"""

# Half of each page is left free, so that a new version of a row finds room beside the old one and no index changes.
STORAGE = """
ALTER TABLE telemetry_current ALTER COLUMN frame SET STORAGE EXTERNAL, ALTER COLUMN health SET STORAGE EXTERNAL;
ALTER TABLE telemetry_current SET (fillfactor = 50, toast_tuple_target = 8160);
ALTER TABLE telemetry_detail ALTER COLUMN body SET STORAGE EXTERNAL;
ALTER TABLE telemetry_totals SET (fillfactor = 50);
ALTER TABLE telemetry_site SET (fillfactor = 50);
ALTER TABLE compute_devicenow SET (fillfactor = 50);
"""


class Migration(migrations.Migration):

    dependencies = [
        ('compute', '0001_initial'),
        ('sites', '0001_initial'),
    ]

    operations = [
        migrations.SeparateDatabaseAndState(
            database_operations=[
                migrations.RunSQL(PARTITIONED, 'DROP TABLE telemetry_hot, telemetry_chunk, telemetry_rollup')
            ],
            state_operations=[
                migrations.CreateModel(
                    name='HotMinute',
                    fields=[
                        ('pk', models.CompositePrimaryKey('container_id', 'kind', 'minute_at', blank=True, editable=False, primary_key=True, serialize=False)),
                        ('container_id', models.BigIntegerField()),
                        ('kind', models.SmallIntegerField(help_text='codec.CODES')),
                        ('minute_at', models.DateTimeField()),
                        ('frame', models.BinaryField()),
                    ],
                    options={
                        'db_table': 'telemetry_hot',
                    },
                ),
                migrations.CreateModel(
                    name='Rollup',
                    fields=[
                        ('pk', models.CompositePrimaryKey('resolution_s', 'scope', 'scope_id', 'start_at', blank=True, editable=False, primary_key=True, serialize=False)),
                        ('resolution_s', models.IntegerField()),
                        ('scope', models.SmallIntegerField(help_text='1 container, 2 site')),
                        ('scope_id', models.BigIntegerField()),
                        ('start_at', models.DateTimeField()),
                        ('minutes', models.IntegerField()),
                        ('expected', models.IntegerField()),
                        ('present', models.IntegerField()),
                        ('up', models.IntegerField()),
                        ('deployed_ths', models.FloatField(null=True)),
                        ('hashrate_ths', models.FloatField(null=True)),
                        ('power_w', models.FloatField(null=True)),
                        ('gpus', models.FloatField(null=True)),
                        ('gpus_reporting', models.FloatField(null=True)),
                        ('gpu_busy', models.FloatField(null=True)),
                        ('memory_used_mib', models.FloatField(null=True)),
                        ('requests_running', models.FloatField(null=True)),
                        ('tokens_per_s', models.FloatField(null=True)),
                        ('board_temp_c', models.FloatField(null=True)),
                        ('chip_temp_c', models.FloatField(null=True)),
                        ('gpu_temp_c', models.FloatField(null=True)),
                    ],
                    options={
                        'db_table': 'telemetry_rollup',
                    },
                ),
                migrations.CreateModel(
                    name='SealedHour',
                    fields=[
                        ('pk', models.CompositePrimaryKey('container_id', 'kind', 'hour_at', blank=True, editable=False, primary_key=True, serialize=False)),
                        ('container_id', models.BigIntegerField()),
                        ('kind', models.SmallIntegerField(help_text='codec.CODES')),
                        ('hour_at', models.DateTimeField()),
                        ('samples', models.IntegerField()),
                        ('chunk', models.BinaryField()),
                    ],
                    options={
                        'db_table': 'telemetry_chunk',
                    },
                ),
            ],
        ),
        migrations.CreateModel(
            name='ContainerDetail',
            fields=[
                ('container', models.OneToOneField(on_delete=django.db.models.deletion.CASCADE, primary_key=True, related_name='detail', serialize=False, to='compute.container')),
                ('written_at', models.DateTimeField()),
                ('body', models.BinaryField()),
            ],
            options={
                'db_table': 'telemetry_detail',
            },
        ),
        migrations.CreateModel(
            name='SiteSweep',
            fields=[
                ('site', models.OneToOneField(on_delete=django.db.models.deletion.CASCADE, primary_key=True, related_name='sweep', serialize=False, to='sites.site')),
                ('swept_at', models.DateTimeField()),
                ('state', models.CharField(max_length=11)),
                ('reason', models.CharField(max_length=100)),
                ('since', models.DateTimeField()),
            ],
            options={
                'db_table': 'telemetry_site',
            },
        ),
        migrations.CreateModel(
            name='ContainerTotals',
            fields=[
                ('container', models.OneToOneField(on_delete=django.db.models.deletion.CASCADE, primary_key=True, related_name='totals', serialize=False, to='compute.container')),
                ('swept_at', models.DateTimeField(null=True)),
                ('observed_at', models.DateTimeField(null=True)),
                ('devices', models.IntegerField()),
                ('reporting', models.IntegerField()),
                ('ok', models.IntegerField()),
                ('warning', models.IntegerField()),
                ('critical', models.IntegerField()),
                ('maintenance', models.IntegerField()),
                ('unknown', models.IntegerField()),
                ('deployed_ths', models.FloatField()),
                ('awake_ths', models.FloatField(help_text='deployed, without machines that sleep by command')),
                ('hashrate_ths', models.FloatField(null=True)),
                ('power_w', models.FloatField(null=True)),
                ('temp_max_c', models.FloatField(null=True)),
                ('gpus', models.IntegerField()),
                ('gpus_reporting', models.FloatField(null=True)),
                ('gpu_busy', models.FloatField(help_text='sum over GPUs of utilisation, 1.0 is one GPU at full load', null=True)),
                ('requests_running', models.FloatField(null=True)),
                ('tokens_per_s', models.FloatField(null=True)),
                ('state', models.CharField(max_length=11)),
                ('reason', models.CharField(max_length=100)),
                ('since', models.DateTimeField(null=True)),
                ('site', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='+', to='sites.site')),
            ],
            options={
                'db_table': 'telemetry_totals',
            },
        ),
        migrations.CreateModel(
            name='CurrentFrame',
            fields=[
                ('pk', models.CompositePrimaryKey('container_id', 'kind', blank=True, editable=False, primary_key=True, serialize=False)),
                ('kind', models.SmallIntegerField(help_text='codec.CODES')),
                ('first_at', models.DateTimeField(help_text='when it was first polled')),
                ('frame', models.BinaryField()),
                ('health', models.BinaryField()),
                ('container', models.ForeignKey(db_index=False, on_delete=django.db.models.deletion.CASCADE, related_name='+', to='compute.container')),
            ],
            options={
                'db_table': 'telemetry_current',
            },
        ),
        migrations.CreateModel(
            name='DirtyHour',
            fields=[
                ('pk', models.CompositePrimaryKey('site_id', 'hour_at', blank=True, editable=False, primary_key=True, serialize=False)),
                ('hour_at', models.DateTimeField()),
                ('rolled_up', models.BooleanField(default=False)),
                ('site', models.ForeignKey(db_index=False, on_delete=django.db.models.deletion.CASCADE, related_name='+', to='sites.site')),
            ],
            options={
                'db_table': 'telemetry_dirty',
            },
        ),
        migrations.RunSQL(STORAGE, migrations.RunSQL.noop),
    ]
