"""A treasury with people who propose and approve: Ted and Tia keep it, Ann administers, Ines looks, Vic sees sites."""

import uuid
from datetime import timedelta
from decimal import Decimal

from django.db import connection

from cango_ops.base import clock
from sites.models import Role
from tests.treasury.web.worlds import make_loan, member
from treasury.books import queries
from treasury.books.post import post
from treasury.ledger.facts import Acquired, Origin
from treasury.models import Beneficiary, PriceMark
from treasury.proposals import blackouts
from treasury.proposals.approve import approve
from treasury.proposals.blackouts import Wanted as Window
from treasury.proposals.book import Done, book
from treasury.proposals.propose import Wanted, propose

D = Decimal
BTC = 100_000_000
# Generated from the test key of BIP 84; nothing lies there.
LENDER = "bc1qcr8te4kr609gcawutmrza0j4xv80jy8z306fyu"
OWN = "bc1qnjg0jd8228aq7egyzacy8cys3knf9xvrerkf9g"
WHY = "results of the quarter are known"


def people():
    return {
        "ted": member("Ted", Role.TREASURER),
        "tia": member("Tia", Role.TREASURER),
        "ann": member("Ann", Role.ADMIN),
        "ines": member("Ines", Role.INVESTOR_RELATIONS),
        "vic": member("Vic", Role.VIEWER),
    }


def make_books(price="50000.00"):
    """100 BTC in the hot wallet that cost 40,000 each; loan A: 20 BTC against 600,000; two prices."""
    now = clock.now()
    post(
        [
            Acquired(now - timedelta(days=40 - n), 0, f"m{n}", Origin.MINED, "hot", f"m{n}", 10 * BTC, D("400000.00"))
            for n in range(10)
        ],
        "test",
    )
    make_loan("A", 20, 600_000, (now - timedelta(days=20)).date())
    fresh_prices(price)


def fresh_prices(price):
    at = clock.now() - timedelta(seconds=20)
    for source in ("coinbase", "kraken"):
        PriceMark.objects.create(source=source, at=at, price_usd=D(price))


def ask(user, kind="sale", key=None, reason="to pay the power of June", **raw):
    if kind == "sale" and not raw:
        raw = {"wallet": "hot", "sat": BTC}
    return propose(Wanted(key or uuid.uuid4(), kind, raw, reason), user)


def say_yes(proposal, *users, words="called back on the number we know"):
    for user in users:
        proposal = approve(proposal, proposal.digest, user, words)
    return proposal


def line(proposal, code):
    """A figure of the effect, before and after."""
    found = next(one for one in proposal.effect if one["code"] == code)
    return found["before"], found["after"]


def coins():
    return queries.coins(clock.now())


def done(**said):
    fields = {"at": clock.database_now(), "note": "confirmation 4711 of the desk", "price_usd": D("50000.00")}
    return Done(**(fields | said))


def booked(proposal, user, **said):
    return book(proposal, done(**said), user)


def approved_import(sha256, facts):
    """The number of an import of this file that another person approved."""
    cast = people()
    return say_yes(ask(cast["ted"], "import", file_sha256=sha256, facts=facts), cast["tia"]).pk


def known(cast, name="Antalpha", address=LENDER, purpose="lender", hours_ago=25):
    """An entry of the address book that has cooled off, written as if so many hours ago."""
    proposal = say_yes(ask(cast["ted"], "address", name=name, address=address, purpose=purpose), cast["tia"])
    row = Beneficiary.objects.get(proposal=proposal)
    if hours_ago:
        rewind(row, hours_ago)
    return row


def rewind(row, hours):
    """What the database would refuse anybody: tests cannot wait a day."""
    with connection.cursor() as cursor:
        cursor.execute("SET CONSTRAINTS ALL IMMEDIATE")
        cursor.execute("ALTER TABLE treasury_beneficiary DISABLE TRIGGER treasury_beneficiary_kept")
        shift = timedelta(hours=hours)
        Beneficiary.objects.filter(pk=row.pk).update(
            verified_at=row.verified_at - shift, effective_at=row.effective_at - shift
        )
        cursor.execute("ALTER TABLE treasury_beneficiary ENABLE TRIGGER treasury_beneficiary_kept")
        cursor.execute("SET CONSTRAINTS ALL DEFERRED")


# Windows in which nothing may be sold


def forbid(user, days=5, kind="blackout", binds="insiders"):
    connection.check_constraints()  # what was made before is made before, in one transaction too
    now = clock.database_now()
    return blackouts.forbid(Window(kind, binds, now, now + timedelta(days=days), WHY), user)


def soon():
    return (clock.database_now() + timedelta(hours=6)).isoformat()


def allowed(cast, sat=BTC, **said):
    """An exception of Ted's that Tia and Ann allowed."""
    return say_yes(ask(cast["ted"], "exception", sat=sat, until=soon(), reason=WHY, **said), cast["tia"], cast["ann"])
