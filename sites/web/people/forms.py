"""What is asked of a new person and of a new role. Where a role may hold is offered by who administers there."""

from typing import Any, Final

from django import forms

from sites import people
from sites.models import Operator, Role, Site
from sites.people import Place, Reach

EVERY_SITE: Final = "all"
Choice = tuple[str, str]


class RoleForm(forms.Form):
    """One role somewhere; `place` after it was found valid."""

    role = forms.ChoiceField(choices=[("", "Choose"), *Role.choices])
    reach = forms.ChoiceField(label="Holds at")

    def __init__(self, *words: Any, within: Reach, **named: Any) -> None:
        super().__init__(*words, **named)
        self.places = places_in(within)
        field = self.fields["reach"]
        assert isinstance(field, forms.ChoiceField)
        field.choices = choices_of(self.places)

    def begin_at_what_is_wrong(self) -> None:
        """The page opens at the first field to be mended, however long the list above it is."""
        wrong = next((name for name in self.fields if name in self.errors), None)
        if wrong:
            self.fields[wrong].widget.attrs["autofocus"] = True

    @property
    def place(self) -> Place:
        return self.places[self.cleaned_data["reach"]]


class PersonForm(RoleForm):
    """A new person and their first role."""

    email = forms.EmailField(
        label="E-mail", max_length=people.LONGEST_EMAIL, help_text="By which they sign in, in capitals or not."
    )
    name = forms.CharField(max_length=people.LONGEST_NAME, help_text="As it stands beside what they do.")
    field_order = ("email", "name", "role", "reach")

    def clean_name(self) -> str:
        return " ".join(self.cleaned_data["name"].split())


def places_in(within: Reach) -> dict[str, Place]:
    """By the word that stands for each in the form; as many as the reach covers."""
    every = {EVERY_SITE: Place()}
    operators = {f"operator/{one.code}": Place(operator=one) for one in Operator.objects.all()}
    sites = {f"site/{one.code}": Place(site=one) for one in Site.objects.all()}
    return {word: place for word, place in (every | operators | sites).items() if within.covers(place)}


def choices_of(places: dict[str, Place]) -> list[Choice | tuple[str, list[Choice]]]:
    """Grouped, with nothing chosen where there is more than one."""
    operators = [(word, f"All sites of {place}") for word, place in places.items() if place.operator]
    sites = [(word, f"{place}, {place.site.name}") for word, place in places.items() if place.site]
    found: list[Choice | tuple[str, list[Choice]]] = [("", "Choose")] if len(places) > 1 else []
    found += [(EVERY_SITE, "Every site")] if EVERY_SITE in places else []
    return found + [group for group in (("Operators", operators), ("Sites", sites)) if group[1]]
