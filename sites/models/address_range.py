"""Which addresses and ports the console may connect to for a site's machines and meters."""

from django.db import models

from sites.models.places import Site


class AddressRange(models.Model):
    """One range of a site. Written by sites.ranges alone, which keeps ranges of different sites apart."""

    site = models.ForeignKey(Site, on_delete=models.CASCADE, related_name="address_ranges")
    network = models.CharField(max_length=43, help_text="CIDR, such as 10.20.0.0/22")
    ports = models.CharField(max_length=200, help_text="ports and spans of ports, such as 80 4028 9400-9410")

    class Meta:
        ordering = ["site", "pk"]
        constraints = [models.UniqueConstraint(fields=["site", "network"], name="range_once_a_site")]

    def __str__(self) -> str:
        return f"{self.network} {self.ports}"
