"""The pages of one site as tabs: a row for each page below it. A new page adds its row."""

from typing import Final, NamedTuple

from django.http import HttpRequest

from cango_ops.web.navigation import held
from sites import rights
from sites.models import Site


class Tab(NamedTuple):
    name: str
    url: str
    is_here: bool


# Name, address, and what one must hold at the site to open it.
PAGES: Final = (
    ("Site", "/sites/{}/", rights.SEE),
    ("Switching", "/sites/{}/switching/", rights.SEE),
    ("Power contract", "/sites/{}/contract/", rights.SEE),
    ("Grid calls", "/sites/{}/programmes/", rights.SEE),
    ("GPU contracts", "/sites/{}/gpu-contracts/", rights.SEE),
    ("Outages", "/sites/{}/outages/", rights.SEE),
    ("Settings", "/sites/{}/settings/", rights.SEE),
    ("Map", "/sites/{}/map/", rights.CHANGE_MAP),
    ("Labels", "/labels/{}/", rights.CHANGE_MAP),
    ("Scan", "/sites/{}/scan/", rights.CHANGE_MAP),
    ("Addresses", "/sites/{}/network/", rights.CONFIGURE),
    ("Logins", "/sites/{}/credentials/", rights.CONFIGURE),
    ("Who may order", "/commands/policy/{}/", rights.ADMINISTER),
)


def site_tabs(request: HttpRequest, site: Site) -> list[Tab]:
    """Those that the person may open, the one they are on marked; a panel stands on the page that asked for it."""
    mine = rights.granted(held(request), site)
    here = request.path.removesuffix("panel/")
    pages = [(name, url.format(site.code)) for name, url, right in PAGES if right in mine]
    return [Tab(name, url, url == here) for name, url in pages]
