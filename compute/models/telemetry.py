"""Rows of telemetry, in the shapes of docs/decisions/0001-telemetry-store.md.

Written and read by compute.telemetry with SQL of its own; the models are here for the migrations, for tests and for
whoever looks around in a shell. Rows of the partitioned tables go by dropping a partition, never by DELETE, so they
have no foreign keys. Frames are bytes of compute.telemetry.codec, chunks of compute.telemetry.chunk.
"""

from django.db import models

from compute.models.container import Container
from sites.models import Site


class HotMinute(models.Model):
    """The samples of one container in one minute. Partitioned by day."""

    pk = models.CompositePrimaryKey("container_id", "kind", "minute_at")
    container_id = models.BigIntegerField()
    kind = models.SmallIntegerField(help_text="codec.CODES")
    minute_at = models.DateTimeField()
    frame = models.BinaryField()

    class Meta:
        db_table = "telemetry_hot"

    def __str__(self) -> str:
        return f"container {self.container_id} at {self.minute_at:%Y-%m-%d %H:%M}"


class SealedHour(models.Model):
    """The same samples, one hour of a container in one compressed chunk. Partitioned by day."""

    pk = models.CompositePrimaryKey("container_id", "kind", "hour_at")
    container_id = models.BigIntegerField()
    kind = models.SmallIntegerField(help_text="codec.CODES")
    hour_at = models.DateTimeField()
    samples = models.IntegerField()
    chunk = models.BinaryField()

    class Meta:
        db_table = "telemetry_chunk"

    def __str__(self) -> str:
        return f"container {self.container_id} from {self.hour_at:%Y-%m-%d %H:%M}"


class CurrentFrame(models.Model):
    """The newest sample of every place, and the state of every place (a frame of kind "health")."""

    pk = models.CompositePrimaryKey("container_id", "kind")
    container = models.ForeignKey(Container, on_delete=models.CASCADE, related_name="+", db_index=False)
    kind = models.SmallIntegerField(help_text="codec.CODES")
    first_at = models.DateTimeField(help_text="when it was first polled")
    frame = models.BinaryField()
    health = models.BinaryField()

    class Meta:
        db_table = "telemetry_current"

    def __str__(self) -> str:
        return f"container {self.container_id} now"


class ContainerTotals(models.Model):
    """A container's sums now: 2,000 small rows from which every page of totals is made."""

    container = models.OneToOneField(Container, on_delete=models.CASCADE, primary_key=True, related_name="totals")
    site = models.ForeignKey(Site, on_delete=models.CASCADE, related_name="+")
    swept_at = models.DateTimeField(null=True)
    observed_at = models.DateTimeField(null=True)
    devices = models.IntegerField()
    reporting = models.IntegerField()
    ok = models.IntegerField()
    warning = models.IntegerField()
    critical = models.IntegerField()
    maintenance = models.IntegerField()
    unknown = models.IntegerField()
    deployed_ths = models.FloatField()
    awake_ths = models.FloatField(help_text="deployed, without machines that sleep by command")
    hashrate_ths = models.FloatField(null=True)
    power_w = models.FloatField(null=True)
    temp_max_c = models.FloatField(null=True)
    gpus = models.IntegerField()
    gpus_reporting = models.FloatField(null=True)
    gpu_busy = models.FloatField(null=True, help_text="sum over GPUs of utilisation, 1.0 is one GPU at full load")
    requests_running = models.FloatField(null=True)
    tokens_per_s = models.FloatField(null=True)
    state = models.CharField(max_length=11)
    reason = models.CharField(max_length=100)
    since = models.DateTimeField(null=True)

    class Meta:
        db_table = "telemetry_totals"

    def __str__(self) -> str:
        return f"{self.container}: {self.state}"


class SiteSweep(models.Model):
    """When a site was last polled and what came of it."""

    site = models.OneToOneField(Site, on_delete=models.CASCADE, primary_key=True, related_name="sweep")
    swept_at = models.DateTimeField()
    state = models.CharField(max_length=11)
    reason = models.CharField(max_length=100)
    since = models.DateTimeField()

    class Meta:
        db_table = "telemetry_site"

    def __str__(self) -> str:
        return f"{self.site}: {self.state}"


class ContainerDetail(models.Model):
    """All that the machines of a container said, place by place, compressed (compute.telemetry.details)."""

    container = models.OneToOneField(Container, on_delete=models.CASCADE, primary_key=True, related_name="detail")
    written_at = models.DateTimeField()
    body = models.BinaryField()

    class Meta:
        db_table = "telemetry_detail"

    def __str__(self) -> str:
        return f"{self.container}: details"


class Rollup(models.Model):
    """Sums of a container or site over a minute, 15 minutes, an hour, a day; of a region and of all sites from 15
    minutes on. Partitioned by resolution, then time.

    Of a minute: expected machines on the site map, present ones that gave a sample, up ones that worked. Of more
    than a minute: those counts added up over `minutes` observed minutes, means of the sums, the highest temperature.
    """

    pk = models.CompositePrimaryKey("resolution_s", "scope", "scope_id", "start_at")
    resolution_s = models.IntegerField()
    scope = models.SmallIntegerField(help_text="1 container, 2 site, 3 region, 4 all sites")
    scope_id = models.BigIntegerField()
    start_at = models.DateTimeField()
    minutes = models.IntegerField()
    expected = models.IntegerField()
    present = models.IntegerField()
    up = models.IntegerField()
    deployed_ths = models.FloatField(null=True)
    hashrate_ths = models.FloatField(null=True)
    power_w = models.FloatField(null=True)
    gpus = models.FloatField(null=True)
    gpus_reporting = models.FloatField(null=True)
    gpu_busy = models.FloatField(null=True)
    memory_used_mib = models.FloatField(null=True)
    requests_running = models.FloatField(null=True)
    tokens_per_s = models.FloatField(null=True)
    board_temp_c = models.FloatField(null=True)
    chip_temp_c = models.FloatField(null=True)
    gpu_temp_c = models.FloatField(null=True)
    # Of regions and all sites alone: machines at a time, which elsewhere are a count over its minutes.
    reporting = models.FloatField(null=True)
    devices = models.FloatField(null=True)

    class Meta:
        db_table = "telemetry_rollup"

    def __str__(self) -> str:
        return f"{self.scope}/{self.scope_id} {self.start_at:%Y-%m-%d %H:%M} +{self.resolution_s} s"


class DirtyHour(models.Model):
    """An hour of a site that got samples since its longer rollups were made and its chunks were sealed."""

    pk = models.CompositePrimaryKey("site_id", "hour_at")
    site = models.ForeignKey(Site, on_delete=models.CASCADE, related_name="+", db_index=False)
    hour_at = models.DateTimeField()
    rolled_up = models.BooleanField(default=False)

    class Meta:
        db_table = "telemetry_dirty"

    def __str__(self) -> str:
        return f"{self.site} {self.hour_at:%Y-%m-%d %H:%M}"
