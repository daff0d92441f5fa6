"""Of which place events are asked for: everything that a person sees, a region, a site, a container or a device."""

from dataclasses import dataclass
from typing import Final

from cango_ops.base.chart import MARKED
from cango_ops.base.models import User
from compute.models import Container, Device
from compute.web.api_series import subject
from sites.models import Site

WHOLE: Final = ("fleet", "region")


@dataclass(frozen=True)
class Place:
    """sites: all of them visible to the person who asks. container, device: where it is one of these."""

    scope: str
    name: str
    sites: tuple[Site, ...]
    container: Container | None = None
    device: Device | None = None

    @property
    def site(self) -> Site | None:
        """The one site that it is, or is in."""
        return None if self.scope in WHOLE else self.sites[0]

    @property
    def words(self) -> str:
        if self.device is not None:
            return f"{self.sites[0].code}/{self.device.container.code}/{self.device.slot}"
        if self.container is not None:
            return f"{self.sites[0].code}/{self.container.code}"
        return {"fleet": "all your sites", "region": f"the region {self.name}"}.get(self.scope, self.name)

    @property
    def topics(self) -> str:
        """Live topics that say that there may be more events of it."""
        box = self.device.container if self.device else self.container
        own = f"container/{box.pk}" if box else f"site/{self.site.code}" if self.site else "fleet"
        return f"{own} {MARKED}"

    @property
    def codes(self) -> dict[int, str]:
        return {site.pk: site.code for site in self.sites}


def place_of(user: User, scope: str, name: str) -> Place:
    """Raises BadParameter, and Http404 for what the person may not see."""
    _, ids = subject(user, scope, name or None)
    if scope == "device":
        device = Device.objects.select_related("site", "container").get(pk=ids[0])
        return Place(scope, name, (device.site,), device.container, device)
    if scope == "container":
        container = Container.objects.select_related("site").get(pk=ids[0])
        return Place(scope, name, (container.site,), container)
    return Place(scope, name, tuple(Site.objects.filter(pk__in=ids)))
