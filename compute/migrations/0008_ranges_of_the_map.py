"""What was read before goes on being read: each site is allowed the networks of its own map."""

from ipaddress import ip_network

from django.conf import settings
from django.db import migrations

WEB_PORTS = (80, 8000)


def allow_what_stands_there(apps, schema_editor):
    Site, AddressRange = apps.get_model("sites", "Site"), apps.get_model("sites", "AddressRange")
    Device, Meter = apps.get_model("compute", "Device"), apps.get_model("sites", "Meter")
    taken = set()
    for site in Site.objects.order_by("pk"):
        spots = [*Device.objects.filter(site_id=site.pk).values_list("address", "port")]
        spots += [(a, p) for a, p in Meter.objects.filter(site_id=site.pk).values_list("address", "port") if ":" not in a]
        networks = {ip_network(f"{address}/24", strict=False) for address, _ in spots}
        if len(networks) > 64:
            networks = {ip_network(f"{address}/16", strict=False) for address, _ in spots}
        ports = {port for _, port in spots} | {settings.MOVED_PORTS.get(port, port) for port in WEB_PORTS}
        words = " ".join(map(str, sorted(ports)[:32]))
        free = sorted((n for n in networks if not any(n.overlaps(t) for t in taken)), key=str)
        AddressRange.objects.bulk_create(AddressRange(site=site, network=str(n), ports=words) for n in free)
        taken |= set(free)


class Migration(migrations.Migration):

    dependencies = [
        ('compute', '0007_credential'),
        ('sites', '0004_address_range'),
    ]

    operations = [migrations.RunPython(allow_what_stands_there, migrations.RunPython.noop)]
