"""The database behind the store: its address, how to connect, and its migrations."""

import os
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from functools import partial
from pathlib import Path
from typing import Any

from sqlalchemy import URL, Connection, Engine, create_engine, event
from sqlalchemy.engine import make_url
from sqlalchemy.exc import ArgumentError, NoSuchModuleError, OperationalError, SQLAlchemyError

from bot.store import AwayError, StoreError

MIGRATIONS = Path(__file__).parent / "migrations"
PATIENCE = 5  # seconds a statement or a connection may take
IMPATIENCE = 1  # seconds the first one may take: whoever starts a program wants to know at once what is wrong
POSTGRES = {"tcp_user_timeout": 10_000, "options": f"-c statement_timeout={PATIENCE}s"}


def engine(url: str, *, patience: int = PATIENCE) -> Engine:
    """An engine for *url* that waits *patience* seconds for a lock or a connection.

    StoreError if the address is not one of a database we can use.
    """
    try:
        address = make_url(url)
    except (ArgumentError, ValueError):
        raise StoreError("database_url is not the address of a database; write sqlite:////path/to/file.db") from None
    kind = address.get_backend_name()
    if kind == "sqlite":
        return _sqlite(address, patience)
    if kind == "postgresql":
        return _postgres(address, patience)
    raise StoreError(
        f"database_url names the database '{kind}', which is not supported; use sqlite:///… or postgresql://…"
    )


def _sqlite(address: URL, patience: int) -> Engine:
    if address.host:
        raise StoreError(f"database_url names a host; a SQLite file has three slashes: sqlite:///{address.database}")
    if address.database and address.database != ":memory:":
        try:
            Path(address.database).parent.mkdir(parents=True, exist_ok=True)
        except OSError as error:
            raise StoreError(
                f"the folder of the database {address.database} cannot be made: {error.strerror}"
            ) from None
        _ours_alone(Path(address.database))
    made = _made(address)
    event.listen(made, "connect", partial(_pragmas, patience))
    event.listen(made, "begin", _begin)
    return made


def _ours_alone(path: Path) -> None:
    """A new file nobody else on this machine can read; what SQLite lays beside it has the same rights.

    The rights of a file that exists are its owner's business, and what cannot be made SQLite will name.
    """
    with suppress(OSError):
        os.close(os.open(path, os.O_CREAT | os.O_EXCL | os.O_RDWR, 0o600))


def _postgres(address: URL, patience: int) -> Engine:
    """psycopg 3, whatever driver the address leaves open."""
    if address.drivername == "postgresql":
        address = address.set(drivername="postgresql+psycopg")
    return _made(address, connect_args=POSTGRES | {"connect_timeout": max(patience, 2)})


def _made(address: URL, **options: Any) -> Engine:
    try:
        return create_engine(address, **options)
    except (NoSuchModuleError, ModuleNotFoundError):
        extra = "; install it with: pip install 'schullotse[postgres]'" if "psycopg" in address.drivername else ""
        raise StoreError(f"the driver for '{address.drivername}' is not installed{extra}") from None


def _pragmas(patience: int, connection: Any, _: object) -> None:
    connection.isolation_level = None  # SQLAlchemy begins; see _begin
    for pragma in (f"busy_timeout={patience}000", "journal_mode=WAL", "synchronous=FULL", "secure_delete=ON"):
        connection.execute(f"PRAGMA {pragma}")


def _begin(connection: Connection) -> None:
    # A transaction that reads first and writes later gets "database is locked" at once, whatever the timeout.
    # Whoever only reads has a single statement, which needs none.
    if not connection.get_execution_options().get("reading"):
        connection.exec_driver_sql("BEGIN IMMEDIATE")


def newest() -> str:
    """The number of the newest migration of this program."""
    return max(path.name[1:5] for path in (MIGRATIONS / "versions").glob("m*.py"))


def version(made: Engine) -> str | None:
    """The migration this database has; None for a new one."""
    with made.connect() as connection:
        known = made.dialect.has_table(connection, "alembic_version")
        return connection.exec_driver_sql("SELECT version_num FROM alembic_version").scalar() if known else None


def upgrade(made: Engine) -> None:
    """Bring the database to the newest version."""
    from alembic import command  # noqa: PLC0415 - slow to import, needed once a version
    from alembic.config import Config  # noqa: PLC0415
    from alembic.util import CommandError  # noqa: PLC0415

    config = Config()
    config.set_main_option("script_location", str(MIGRATIONS))
    config.attributes["engine"] = made
    try:
        command.upgrade(config, "head")
    except CommandError:
        raise StoreError(
            f"the database has version {version(made)}, newer than this program ({newest()}); install the newer program"
        ) from None


def opened(url: str) -> Engine:
    """An engine for the database at *url*, brought to the newest version."""
    hurried = engine(url, patience=IMPATIENCE)
    with said("be opened"):
        if version(hurried) != newest():
            upgrade(hurried)
    hurried.dispose()
    return engine(url)


@contextmanager
def said(what: str) -> Iterator[None]:
    """Turn the library's errors into one sentence without the statement or its values."""
    try:
        yield
    except SQLAlchemyError as error:
        reason = str(getattr(error, "orig", None) or type(error).__name__).split("\n", maxsplit=1)[0]
        kind = AwayError if _in_vain(error) else StoreError
        raise kind(f"the database cannot {what}: {reason}") from None


def _in_vain(error: SQLAlchemyError) -> bool:
    """Whether trying again at once would not help, or might do twice what a broken connection has left unknown."""
    if not isinstance(error, OperationalError):
        return False
    committing = error.statement is None
    return committing or not error.connection_invalidated  # one that broke before is replaced by a new one
