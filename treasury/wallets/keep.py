"""Adds and retires wallets, and keeps what custodians say. No key that could spend is ever kept, logged or repeated."""

import hashlib
from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Final

from django.db import IntegrityError, transaction

from cango_ops.base import audit, clock
from cango_ops.base.models import User
from cango_ops.wire import Garbled
from sites import rights
from treasury import tables
from treasury.chain import descriptors
from treasury.models import CustodianStatement, Wallet

LIMIT_BYTES: Final = 1 << 20
MOST_ROWS: Final = 20_000
COLUMNS: Final = ("wallet", "at", "sat")
LONGEST_NAME: Final = 100
MAX_GAP: Final = 1000
MAX_CONFIRMATIONS: Final = 1000


class Refused(Exception):
    """Why a wallet or a statement is not taken. Never repeats a descriptor."""


def need_right(user: User) -> None:
    if not rights.may(user, rights.RECONCILE):
        raise Refused("wallets are kept by treasurers and admins of the company")


def watch(user: User, name: str, descriptor: str, gap_limit: int = 20, min_confirmations: int = 6) -> Wallet:
    """A wallet that is watched from now on. Raises Refused."""
    need_right(user)
    if not (1 <= gap_limit <= MAX_GAP and 0 <= min_confirmations <= MAX_CONFIRMATIONS):
        raise Refused(f"the gap limit is 1 to {MAX_GAP}, confirmations are 0 to {MAX_CONFIRMATIONS}")
    try:
        found = descriptors.parse(descriptor)
    except Garbled as why:
        raise Refused(str(why)) from None
    return add(user, Wallet(
        name=checked_name(name), kind=Wallet.Kind.WATCHED, descriptor=found.text, network=found.network,
        gap_limit=gap_limit, min_confirmations=min_confirmations, added_by=user.email[:200],
    ))  # fmt: skip


def at_custodian(user: User, name: str) -> Wallet:
    """A wallet at a custodian, known by its statements. Raises Refused."""
    need_right(user)
    return add(user, Wallet(name=checked_name(name), kind=Wallet.Kind.CUSTODIAN, added_by=user.email[:200]))


def checked_name(name: str) -> str:
    """The name as the books would take it. A key that was put into the wrong field is refused there too."""
    name = " ".join(name.split())
    if descriptors.could_spend(name):
        raise Refused(descriptors.PRIVATE)
    if not 0 < len(name) <= LONGEST_NAME or not name.isprintable() or ":" in name:
        raise Refused(f"a wallet has a name of at most {LONGEST_NAME} characters without a colon, as in the books")
    return name


def add(user: User, wallet: Wallet) -> Wallet:
    try:
        with transaction.atomic():
            wallet.save(force_insert=True)
            audit.record(user, "wallet added", f"wallet/{wallet.name}", {"kind": wallet.kind, "mark": mark(wallet)})
    except IntegrityError:
        raise Refused("a wallet of that name, or with that descriptor, is kept already") from None
    return wallet


def mark(wallet: Wallet) -> str:
    """What tells a descriptor from another without saying it: the beginning of its SHA-256."""
    return hashlib.sha256(wallet.descriptor.encode()).hexdigest()[:12] if wallet.descriptor else ""


@transaction.atomic
def retire(user: User, name: str) -> Wallet:
    """Ends the watching; what was read stays. Raises Refused."""
    need_right(user)
    if Wallet.objects.filter(name=name, retired_at=None).update(retired_at=clock.now()) != 1:
        raise Refused("there is no such wallet, or it is watched no more")
    audit.record(user, "wallet retired", f"wallet/{name}"[:200])
    return Wallet.objects.get(name=name)


@transaction.atomic
def statement(user: User, body: bytes) -> tuple[int, int]:
    """Keeps a custodian's CSV or XLSX (wallet, at, sat): how many rows, and how many were new. Raises Refused."""
    need_right(user)
    digest, rows = hashlib.sha256(body).hexdigest(), parse(body)
    # Two who send the same file at once do it in turn.
    rows_of = Wallet.objects.select_for_update(no_key=True).filter(kind=Wallet.Kind.CUSTODIAN).order_by("pk")
    wallets = {wallet.name: wallet for wallet in rows_of}
    new = 0
    for line, (name, at, sat) in rows.items():
        if name not in wallets:
            raise Refused(f"line {line}: no wallet at a custodian has this name")
        kept = CustodianStatement.objects.filter(wallet=wallets[name], at=at).first()
        if kept is not None and kept.sat != sat:
            raise Refused(f"line {line}: {name} is kept with {kept.sat} sat at that instant, not {sat}")
        if kept is None:
            CustodianStatement.objects.create(
                wallet=wallets[name], at=at, sat=sat, evidence=f"{digest}:{line}", recorded_by=user.email[:200]
            )
            new += 1
    audit.record(user, "custodian statement sent", "wallets", {"sha256": digest, "rows": len(rows), "new": new})
    return len(rows), new


def parse(body: bytes) -> dict[int, tuple[str, datetime, int]]:
    """Wallet, instant and satoshis by line. Raises Refused with every wrong line."""
    found: dict[int, tuple[str, datetime, int]] = {}
    first: dict[tuple[str, datetime], int] = {}
    try:
        table = tables.read(body, LIMIT_BYTES, MOST_ROWS)
        tables.need(table, COLUMNS)
        wrong = list(table.wrong)
        for row in table.rows:
            try:
                name, at, _ = found[row.line] = row_of(row.cells)
            except Garbled as why:
                wrong.append(f"line {row.line}: {why}")
            else:
                if first.setdefault((name, at), row.line) != row.line:
                    wrong.append(
                        f"line {row.line}: {name[:40]} at this instant stands in line {first[name, at]} already"
                    )
        tables.refuse(wrong)
    except Garbled as why:
        raise Refused(str(why)) from why
    return found


def row_of(row: Mapping[str, str]) -> tuple[str, datetime, int]:
    """Raises Garbled."""
    sat = row["sat"]
    try:
        at = datetime.fromisoformat(row["at"])
        at = at if at.tzinfo is None else at.astimezone(UTC)
    except (ValueError, OverflowError):
        raise Garbled("at is no instant such as 2025-10-01T00:00:00Z") from None
    if at.tzinfo is None or at > clock.now():
        raise Garbled("at names no offset, or lies ahead")
    if not (sat.isascii() and sat.isdigit() and len(sat) <= 16):
        raise Garbled("sat is no whole number of satoshis")
    return row["wallet"], at, int(sat)
