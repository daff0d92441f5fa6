"""What a person asks of a back-test: a site, days of its stored prices or a file, and the policies to compare."""

import uuid
from datetime import date, timedelta
from typing import Any, Final

from django import forms
from django.db.models import QuerySet

from cango_ops.base import clock
from cango_ops.base.models import User
from compute.backtest.run import POLICIES
from compute.models import Backtest
from compute.replays.ask import MOST_LAG, Wish, ask_for
from compute.replays.past import Past, of_file
from compute.replays.stored import NoPast, stored
from compute.switching.case import BadCase
from sites.models import Site

LARGEST_SITE: Final = 1024 * 1024
LARGEST_SERIES: Final = 8 * 1024 * 1024
USUAL_DAYS: Final = 30
WORDS: Final = {
    "always": "Everything on",
    "threshold": "Strike price",
    "merit": "Merit order",
    "mpc": "The plan (rolling 24 h)",
}


def day_input() -> forms.DateInput:
    """As a browser's calendar takes and gives days."""
    return forms.DateInput({"type": "date"}, "%Y-%m-%d")


class BacktestForm(forms.Form):
    """Valid, it has a `past`."""

    site = forms.ModelChoiceField(Site.objects.none(), to_field_name="code", empty_label=None)
    first = forms.DateField(label="From", widget=day_input(), required=False)
    last = forms.DateField(label="To, with that day", widget=day_input(), required=False)
    description = forms.FileField(
        required=False, label="Or a file (backtest-site/1)",
        help_text="JSON of at most 1 MB, with its series beside it; the days above then do not count.",
    )  # fmt: skip
    series = forms.FileField(required=False, label="and its series", help_text="CSV of at most 8 MB.")
    policies = forms.MultipleChoiceField(
        choices=list(WORDS.items()), initial=list(WORDS), widget=forms.CheckboxSelectMultiple
    )
    lag = forms.IntegerField(
        min_value=0, max_value=MOST_LAG, initial=0, label="Real-time price known after, hours",
        help_text="0 knows the price of the running hour.",
    )  # fmt: skip

    def __init__(self, data: Any, files: Any, places: QuerySet[Site]) -> None:
        super().__init__(data, files, initial=usual_days())
        self.fields["site"].queryset = places  # type: ignore[attr-defined]
        self.past: Past | None = None

    def clean(self) -> dict[str, Any]:
        said = super().clean() or {}
        if self.errors:
            return said
        try:
            self.past = self._past(said)
        except (NoPast, BadCase) as why:
            self.add_error(None, sentence(why))
        return said

    def _past(self, said: dict[str, Any]) -> Past | None:
        """Raises NoPast and BadCase."""
        if said["description"] or said["series"]:
            return self._past_of_file(said)
        if not said["first"] or not said["last"]:
            raise NoPast("name the first and the last day, or send a file with its series")
        return stored(said["site"], said["first"], said["last"], clock.now())

    def _past_of_file(self, said: dict[str, Any]) -> Past:
        site, series = said["description"], said["series"]
        if not site or not series:
            raise BadCase("a file needs both: the description (JSON) and its series (CSV)")
        if site.size > LARGEST_SITE or series.size > LARGEST_SERIES:
            raise BadCase("the description is larger than 1 MB, or the series larger than 8 MB")
        return of_file(site.read(), series.read(), site.name)

    def ask(self, actor: User, request_id: uuid.UUID) -> Backtest:
        """Of a valid form. Raises BacktestRefused."""
        assert self.past is not None
        said = self.cleaned_data
        return ask_for(actor, said["site"], Wish(request_id, tuple(said["policies"]), said["lag"]), self.past)


def usual_days() -> dict[str, date]:
    today = clock.now().date()
    return {"first": today - timedelta(days=USUAL_DAYS), "last": today - timedelta(days=1)}


def sentence(why: Exception) -> str:
    words = str(why)
    return f"{words[:1].upper()}{words[1:]}."


assert set(WORDS) == set(POLICIES)
