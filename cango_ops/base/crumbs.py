"""Where a page stands: company > region > site > container > machine. Pure."""

from typing import Final, NamedTuple


class Crumb(NamedTuple):
    """One step of the way. full: the long name, on hover."""

    text: str
    url: str
    full: str = ""


COMPANY: Final = Crumb("Cango", "/", "Every site you may see")


def region(code: str, name: str) -> Crumb:
    return Crumb(name, f"/?region={code}")


def site(code: str, name: str) -> Crumb:
    return Crumb(code, f"/sites/{code}/", name)


def container(site_code: str, code: str) -> Crumb:
    return Crumb(code, f"/sites/{site_code}/{code}/")


def device(site_code: str, container_code: str, slot: int) -> Crumb:
    return Crumb(str(slot), f"/sites/{site_code}/{container_code}/{slot}/", f"Slot {slot}")
