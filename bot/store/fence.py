"""The connection of the review pages: it reads releases and works on accounts; the database refuses everything else."""

import sqlite3
from typing import Any

from sqlalchemy import Connection, Engine, create_engine, event

from bot.store import database

READABLE = frozenset({"release", "alembic_version", "sqlite_master"})
WRITABLE = frozenset({"account", "access", "invitation", "audit"})
_CHANGES = {sqlite3.SQLITE_INSERT, sqlite3.SQLITE_UPDATE, sqlite3.SQLITE_DELETE}
_HARMLESS = {sqlite3.SQLITE_SELECT, sqlite3.SQLITE_TRANSACTION, sqlite3.SQLITE_FUNCTION}


def fenced(url: str) -> Engine:
    """An engine over an existing, migrated database. On PostgreSQL the login's rights are the fence: docs/review.md."""
    if not url.startswith("sqlite"):
        return database.engine(url)
    made = create_engine(url)
    event.listen(made, "connect", _prepare)
    event.listen(made, "begin", _begin)
    return made


def writing(engine: Engine) -> Engine:
    """The same engine for transactions that write."""
    return engine.execution_options(writes=True)


def allowed(action: int, first: str | None, *_: Any) -> int:
    """SQLite asks this for every part of a statement, before it runs. A table that is not named here is refused."""
    if action in _HARMLESS or (action == sqlite3.SQLITE_PRAGMA and first == "read_uncommitted"):
        return sqlite3.SQLITE_OK
    if action == sqlite3.SQLITE_READ and first in READABLE | WRITABLE:
        return sqlite3.SQLITE_OK
    if action in _CHANGES and first in WRITABLE:
        return sqlite3.SQLITE_OK
    return sqlite3.SQLITE_DENY


def _prepare(connection: sqlite3.Connection, _: object) -> None:
    connection.isolation_level = None  # SQLAlchemy begins; see _begin
    for pragma in ("synchronous=FULL", "secure_delete=ON", "busy_timeout=5000"):
        connection.execute(f"PRAGMA {pragma}")
    connection.set_authorizer(allowed)


def _begin(connection: Connection) -> None:
    # Readers take no lock, so that a page never waits for the bot. A transaction that reads first and writes later
    # gets "database is locked" at once, whatever the timeout, unless it asks for the lock at its beginning.
    writes = connection.get_execution_options().get("writes", False)
    connection.exec_driver_sql("BEGIN IMMEDIATE" if writes else "BEGIN")
