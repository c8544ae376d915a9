"""Accounts of coordinators in the database: who may see which region, invitations, and the audit log."""

import secrets
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import date
from enum import StrEnum
from typing import Any

from sqlalchemy import Connection, Engine, Insert, bindparam, delete, insert, select, update

from bot.store.database import said
from bot.store.fence import writing
from bot.store.tables import ACCESS, ACCOUNT, AUDIT, INVITATION


class Role(StrEnum):
    """What somebody may do in one region; each includes those before it."""

    VIEWER = "viewer"  # figures and downloads
    EDITOR = "editor"  # and prepared corrections of facts
    ADMIN = "admin"  # and accounts of the region

    def includes(self, other: "Role") -> bool:
        order = list(Role)
        return order.index(self) >= order.index(other)


class Action(StrEnum):
    """What the audit log can say."""

    INVITED = "invited"
    ROLE = "role-changed"
    REMOVED = "removed"
    RESET = "reset"
    JOINED = "joined"
    LOGIN = "login"
    LOGOUT_EVERYWHERE = "logout-everywhere"
    PASSWORD = "password-changed"  # noqa: S105 - a word of the log
    TOTP_ON = "second-factor-on"
    TOTP_OFF = "second-factor-off"
    DELETED = "deleted"
    RELEASED = "released"


@dataclass(frozen=True, slots=True)
class Account:
    """A person who may see statistics. *password* is an Argon2id hash, None until the invitation is used.

    A session is valid only for the *generation* it was opened in.
    """

    id: str
    email: str
    password: str | None = field(repr=False)
    totp: str | None = field(repr=False)
    generation: int
    roles: Mapping[str, Role]


@dataclass(frozen=True, slots=True)
class Entry:
    """One line of the audit log; *account* is "" for the command line."""

    day: date
    account: str
    region: str
    action: str


# Whether or not there is such an account, it is one question: the time tells nothing.
WITH_ROLES = select(ACCOUNT, ACCESS.c.region, ACCESS.c.role).outerjoin(ACCESS, ACCESS.c.account == ACCOUNT.c.id)
BY_ID = WITH_ROLES.where(ACCOUNT.c.id == bindparam("id")).order_by(ACCESS.c.region)
BY_EMAIL = WITH_ROLES.where(ACCOUNT.c.email == bindparam("email")).order_by(ACCESS.c.region)
INVITED = WITH_ROLES.join(INVITATION, INVITATION.c.account == ACCOUNT.c.id).where(
    INVITATION.c.token == bindparam("token"), INVITATION.c.last_day >= bindparam("today")
)


class Accounts:
    """Every method raises StoreError if the database cannot be used. E-mail addresses are compared in lower case."""

    def __init__(self, engine: Engine) -> None:
        self._engine = engine

    def by_id(self, account_id: str) -> Account | None:
        with self._reading() as connection:
            return _one(connection, BY_ID, id=account_id)

    def by_email(self, email: str) -> Account | None:
        with self._reading() as connection:
            return _one(connection, BY_EMAIL, email=email.strip().lower())

    def all(self) -> list[Account]:
        """Every account, by e-mail address."""
        with self._reading() as connection:
            ids = connection.scalars(select(ACCOUNT.c.id).order_by(ACCOUNT.c.email)).all()
            return [account for one in ids if (account := _one(connection, BY_ID, id=one))]

    def grant(self, email: str, region: str, role: Role) -> Account:
        """The person with *email* has this role in *region* now; the account is made if there is none."""
        address = email.strip().lower()
        with self._writing() as connection:
            known = connection.execute(select(ACCOUNT.c.id).where(ACCOUNT.c.email == address)).scalar()
            made = known or secrets.token_hex(8)
            if known is None:
                connection.execute(insert(ACCOUNT).values(id=made, email=address, totp_step=0, generation=0))
            connection.execute(delete(ACCESS).where(ACCESS.c.account == made, ACCESS.c.region == region))
            connection.execute(insert(ACCESS).values(account=made, region=region, role=role.value))
            found = _one(connection, BY_ID, id=made)
        assert found  # noqa: S101 - it was just written
        return found

    def revoke(self, account_id: str, region: str) -> None:
        """Take the region away; without any region left the account is deleted."""
        with self._writing() as connection:
            connection.execute(delete(ACCESS).where(ACCESS.c.account == account_id, ACCESS.c.region == region))
            if connection.execute(select(ACCESS.c.role).where(ACCESS.c.account == account_id)).first() is None:
                _delete(connection, account_id)

    def delete(self, account_id: str) -> None:
        with self._writing() as connection:
            _delete(connection, account_id)

    def invite(self, account_id: str, token: bytes, last_day: date) -> None:
        """The link with this hashed *token* is the only one of the account, valid through *last_day*."""
        with self._writing() as connection:
            connection.execute(delete(INVITATION).where(INVITATION.c.account == account_id))
            connection.execute(
                insert(INVITATION).values(token=token, account=account_id, last_day=last_day.isoformat())
            )

    def reset(self, account_id: str) -> None:
        """No password, no second factor, no open session."""
        self._change(account_id, password=None, totp=None, generation=ACCOUNT.c.generation + 1)

    def invited(self, token: bytes, today: date) -> Account | None:
        """Whose invitation this is, if it is still valid."""
        with self._reading() as connection:
            return _one(connection, INVITED, token=token, today=today.isoformat())

    def join(self, token: bytes, password: str, today: date) -> Account | None:
        """Use the invitation up and set the hashed *password*; None if it is not valid (any more)."""
        with self._writing() as connection:
            account = _one(connection, INVITED, token=token, today=today.isoformat())
            if account is None:
                return None
            connection.execute(delete(INVITATION).where(INVITATION.c.account == account.id))
            _update(connection, account.id, password=password, generation=ACCOUNT.c.generation + 1)
            return account

    def set_password(self, account_id: str, password: str) -> None:
        """A new hashed *password*; all sessions end."""
        self._change(account_id, password=password, generation=ACCOUNT.c.generation + 1)

    def set_totp(self, account_id: str, secret: str | None) -> None:
        self._change(account_id, totp=secret)

    def use_step(self, account_id: str, step: int) -> bool:
        """Mark the time step of a code as used; False if it, or a later one, was used before."""
        with self._writing() as connection:
            later = update(ACCOUNT).where(ACCOUNT.c.id == account_id, ACCOUNT.c.totp_step < step)
            return connection.execute(later.values(totp_step=step)).rowcount == 1

    def end_sessions(self, account_id: str) -> None:
        self._change(account_id, generation=ACCOUNT.c.generation + 1)

    def record(self, day: date, account_id: str, region: str, action: Action) -> None:
        """Add to the audit log, and drop what is older than twelve months."""
        with self._writing() as connection:
            connection.execute(line(day, account_id, region, action))
            connection.execute(delete(AUDIT).where(AUDIT.c.day < _year_before(day).isoformat()))

    def log(self, region: str, today: date) -> list[Entry]:
        """What happened in *region* within twelve months, and logins of those who see it; the newest first."""
        with self._reading() as connection:
            here = select(ACCESS.c.account).where(ACCESS.c.region == region)
            theirs = (AUDIT.c.region == "") & AUDIT.c.account.in_(here)
            wanted = select(AUDIT).where((AUDIT.c.region == region) | theirs, AUDIT.c.day >= str(_year_before(today)))
            rows = connection.execute(wanted.order_by(AUDIT.c.number.desc())).all()
        return [Entry(date.fromisoformat(row.day), row.account, row.region, row.action) for row in rows]

    def _change(self, account_id: str, **values: Any) -> None:
        with self._writing() as connection:
            _update(connection, account_id, **values)

    @contextmanager
    def _reading(self) -> Iterator[Connection]:
        with said("be read"), self._engine.connect() as connection:
            yield connection

    @contextmanager
    def _writing(self) -> Iterator[Connection]:
        with said("be written"), writing(self._engine).begin() as connection:
            yield connection


def line(day: date, account_id: str, region: str, action: Action) -> Insert:
    """A line of the audit log, to be written with what it tells of."""
    return insert(AUDIT).values(day=day.isoformat(), account=account_id, region=region, action=action.value)


def _one(connection: Connection, statement: Any, **values: Any) -> Account | None:
    """The account that *statement* finds: one row for each of its regions, or one without."""
    rows = connection.execute(statement, values).all()
    if not rows:
        return None
    first = rows[0]
    roles = {row.region: Role(row.role) for row in rows if row.region is not None}
    return Account(first.id, first.email, first.password, first.totp, first.generation, roles)


def _update(connection: Connection, account_id: str, **values: Any) -> None:
    connection.execute(update(ACCOUNT).where(ACCOUNT.c.id == account_id).values(**values))


def _delete(connection: Connection, account_id: str) -> None:
    for table in (INVITATION, ACCESS):
        connection.execute(delete(table).where(table.c.account == account_id))
    connection.execute(delete(ACCOUNT).where(ACCOUNT.c.id == account_id))


def _year_before(day: date) -> date:
    return day.replace(year=day.year - 1, day=min(day.day, 28))  # a leap day has no anniversary
