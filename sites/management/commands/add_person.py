"""Adds a person, or a role to one who is here; the first admin of a console comes by it."""

from argparse import ArgumentParser
from typing import Any

from django.core.exceptions import ValidationError
from django.core.management.base import BaseCommand, CommandError
from django.core.validators import validate_email

from cango_ops.base.models import User
from sites import password_links, people
from sites.models import Operator, Role, Site
from sites.people import PeopleRefused, Place

ACTOR = "add_person"


class Command(BaseCommand):
    help = "Adds a person with a role, at every site where nothing else is said; or gives that role to one who is here."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("email", help="by which the person signs in")
        parser.add_argument("--name", help="as it stands beside what they do; of a new person")
        parser.add_argument("--role", required=True, choices=Role.values)
        where = parser.add_mutually_exclusive_group()
        where.add_argument("--operator", help="code: at this operator's sites alone")
        where.add_argument("--site", help="code: at this site alone")

    def handle(self, **options: Any) -> None:
        place = place_of(options["operator"], options["site"])
        try:
            an_address(options["email"])
            person = self.with_role(options["email"], options["name"], options["role"], place)
        except PeopleRefused as refused:
            raise CommandError(str(refused)) from None
        if not person.has_usable_password():
            self.say_link(person)

    def with_role(self, email: str, name: str | None, role: str, place: Place) -> User:
        """One who holds the role and never set a password gets a new link, so that a lost one can be had again."""
        known = people.find(email)
        if known is None:
            person = people.add(ACTOR, email, named(name), role, place)
            self.stdout.write(f"{person} is added: {Role(role).label.lower()} at {place}.")
            return person
        if not known.is_active:
            raise PeopleRefused("person", f"{known} is deactivated; an admin lets them in again at /people/.")
        try:
            people.give(ACTOR, known, role, place)
        except PeopleRefused:
            if known.has_usable_password():
                raise
        self.stdout.write(f"{known} was here already, and is {Role(role).label.lower()} at {place}.")
        return known

    def say_link(self, person: User) -> None:
        people.invite(ACTOR, person)
        link = password_links.send(person)
        said = f"the link to set a password, good once and for {password_links.HOLDS.days} days"
        self.stdout.write(f"{said.capitalize()}:\n{link}" if link else f"Mailed to {person.email}: {said}.")


def an_address(email: str) -> None:
    try:
        validate_email(email)
    except ValidationError:
        raise PeopleRefused("email", f"{email} is no e-mail address.") from None
    if len(email) > people.LONGEST_EMAIL:
        raise PeopleRefused("email", f"The e-mail address is longer than {people.LONGEST_EMAIL} signs.")


def named(name: str | None) -> str:
    words = " ".join((name or "").split())
    if not words or len(words) > people.LONGEST_NAME:
        raise PeopleRefused("name", f"--name is missing, or longer than {people.LONGEST_NAME} signs.")
    return words


def place_of(operator: str | None, site: str | None) -> Place:
    if site and (found := Site.objects.filter(code=site).first()):
        return Place(site=found)
    if operator and (known := Operator.objects.filter(code=operator).first()):
        return Place(operator=known)
    if site or operator:
        raise CommandError(f"No {'site' if site else 'operator'} has the code {site or operator}; add_site writes it.")
    return Place()
