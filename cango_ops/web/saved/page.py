"""Views as the menu, the page and REST show them: those that a person may see, each held against its page."""

from dataclasses import dataclass
from typing import Final

from cango_ops.base.crumbs import COMPANY, Crumb
from cango_ops.base.models import User
from cango_ops.web.saved.pages import PAGES, Checked, Sight, checked
from sites import saved_views
from sites.models import SavedView
from sites.saved_views import Team

MOST: Final = 500


@dataclass(frozen=True)
class Shown:
    """One view. page: the name of what it is a view of, empty where that page is no more."""

    view: SavedView
    page: str
    checked: Checked
    is_own: bool

    @property
    def url(self) -> str:
        return f"/views/{self.view.pk}/"

    @property
    def shared(self) -> str:
        if self.view.operator is None:
            return "only you"
        return Team(self.view.operator, self.view.role).name


@dataclass(frozen=True)
class ViewsPage:
    title: str
    crumbs: tuple[Crumb, ...]
    rows: tuple[Shown, ...]


def shown(user: User, view: SavedView) -> Shown:
    known = view.page in PAGES
    found = checked(view.page, view.query) if known else Checked("", (f"the page {view.page}",))
    return Shown(view, PAGES[view.page].name if known else "", found, view.owner_id == user.pk)


def views_of(user: User, page: str = "") -> list[Shown]:
    """One's own first. A view that names a place which the person does not see is not there."""
    rows = saved_views.visible_to(user)
    rows = rows.filter(page=page) if page else rows
    sight = Sight(user)
    found = [shown(user, one) for one in rows[:MOST] if sight.covers(one.page, one.query)]
    return sorted(found, key=lambda one: (not one.is_own, one.view.name.lower(), one.view.pk))


def views_page(user: User) -> ViewsPage:
    rows = tuple(views_of(user))
    many = "1 saved view" if len(rows) == 1 else f"{len(rows)} saved views"
    return ViewsPage(many if rows else "No view is saved yet", (COMPANY, Crumb("Views", "/views/")), rows)
