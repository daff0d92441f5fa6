"""Demo people of a new installation: one of each role, and people of two partners who see only their own sites.

Each password is random and belongs to this installation alone; it is kept in a file that its owner alone may read.
"""

import hashlib
import json
import os
import secrets
from collections.abc import Iterator
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Final

from allauth.account.models import EmailAddress
from django.db import transaction

from cango_ops.base.models import User
from sites.models import Membership, Operator, Role

FILE: Final = "demo_accounts.json"
# Without letters and digits that look like others.
ALPHABET: Final = "abcdefghjkmnpqrstuvwxyz23456789"
CHANGED: Final = "(changed by its owner)"
PARTNERS: Final = 2


@dataclass(frozen=True)
class Account:
    """A line of the file. mark: tells whether the password in the database is still the one written here."""

    role: str
    email: str
    password: str
    sees: str
    mark: str = ""


@dataclass(frozen=True)
class Person:
    """Who there shall be. operator: None means every site."""

    role: Role
    email: str
    operator: Operator | None

    @property
    def sees(self) -> str:
        return f"the sites of {self.operator.name}" if self.operator else "every site"


def people() -> Iterator[Person]:
    """One of each role for the whole network, and an operator and a viewer at each of the first two partners."""
    for role in Role:
        yield Person(role, f"{role.value.replace('_', '-')}@cango.example", None)
    for partner in Operator.objects.filter(is_company=False).order_by("code")[:PARTNERS]:
        for role in (Role.OPERATOR, Role.VIEWER):
            yield Person(role, f"{role.value}@{partner.code.lower()}.example", partner)


def seed(run_dir: Path, *, reset: bool = False) -> list[Account]:
    """Makes who is missing and leaves the others alone; `reset` gives everybody a new password."""
    known = {} if reset else read(run_dir)
    with transaction.atomic():
        accounts = [account(person, known.get(person.email), reset=reset) for person in people()]
        write(run_dir, accounts)
    return accounts


def account(person: Person, known: Account | None, *, reset: bool) -> Account:
    user, is_new = User.objects.get_or_create(
        email=person.email,
        defaults={"username": person.email, "first_name": "Demo", "last_name": person.role.label},
    )
    password = known.password if known and known.password != CHANGED else new_password()
    if is_new or reset or known is None:
        user.set_password(password)
        user.save(update_fields=["password"])
    elif mark(user) != known.mark or known.password == CHANGED:
        password = CHANGED
    EmailAddress.objects.get_or_create(user=user, email=user.email, defaults={"verified": True, "primary": True})
    Membership.objects.get_or_create(user=user, role=person.role, operator=person.operator, site=None)
    return Account(person.role.value, person.email, password, person.sees, mark(user))


def mark(user: User) -> str:
    return hashlib.sha256(user.password.encode()).hexdigest()[:16]


def new_password() -> str:
    letters = [secrets.choice(ALPHABET) for _ in range(16)]
    return "-".join("".join(letters[place : place + 4]) for place in range(0, 16, 4))


def read(run_dir: Path) -> dict[str, Account]:
    try:
        return {words["email"]: Account(**words) for words in json.loads((run_dir / FILE).read_text())}
    except (OSError, ValueError, TypeError, KeyError):
        return {}


def write(run_dir: Path, accounts: list[Account]) -> None:
    """Replaces the file in one step, never readable by anybody else."""
    run_dir.mkdir(parents=True, exist_ok=True)
    draft = run_dir / f"{FILE}.{os.getpid()}"
    with open(os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600), "w") as file:
        json.dump([asdict(one) for one in accounts], file, indent=1)
    draft.replace(run_dir / FILE)
