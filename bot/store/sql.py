"""The store in a database, through SQLAlchemy Core: no ORM, because there is nothing to map."""

from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from sqlalchemy import Connection, Engine, create_engine, delete, event, insert, select
from sqlalchemy.dialects.sqlite import insert as sqlite_insert
from sqlalchemy.engine import make_url
from sqlalchemy.exc import ArgumentError, NoSuchModuleError, SQLAlchemyError

from bot.store import Count, Done, Sealed, StoreError
from bot.store.tables import CONVERSATION, TALLY

MIGRATIONS = Path(__file__).parent / "migrations"
HEAD = "0001"  # the newest migration; a test compares it with the folder


class SqlStore:
    """One database. Opening it migrates it to the newest version."""

    def __init__(self, url: str) -> None:
        self._engine = engine(url)
        with _said("be opened"):
            if version(self._engine) != HEAD:
                upgrade(self._engine)

    def load(self, keys: Sequence[bytes]) -> Sealed | None:
        with _said("be read"), self._engine.connect() as connection:
            rows = connection.execute(select(CONVERSATION).where(CONVERSATION.c.key.in_(keys))).all()
        found = {row.key: Sealed(row.key, row.epoch, row.body) for row in rows}
        return next((found[key] for key in keys if key in found), None)

    def commit(self, done: Done) -> None:
        gone = [*done.old_keys, *([done.state.key] if done.state else ())]
        with _said("be written"), self._engine.begin() as connection:
            if gone:
                connection.execute(delete(CONVERSATION).where(CONVERSATION.c.key.in_(gone)))
            if done.state:
                row = {"key": done.state.key, "epoch": done.state.epoch, "body": done.state.body}
                connection.execute(insert(CONVERSATION).values(row))
            for count in done.counts:
                _add(connection, count)

    def conversations(self) -> Iterable[Sealed]:
        with _said("be read"), self._engine.connect() as connection:
            return [Sealed(row.key, row.epoch, row.body) for row in connection.execute(select(CONVERSATION))]

    def delete(self, keys: Sequence[bytes]) -> None:
        with _said("be written"), self._engine.begin() as connection:
            connection.execute(delete(CONVERSATION).where(CONVERSATION.c.key.in_(keys)))

    def tally(self) -> list[Count]:
        columns = [column for column in TALLY.c if column.name != "n"]
        with _said("be read"), self._engine.connect() as connection:
            return [Count(*row) for row in connection.execute(select(TALLY).order_by(*columns))]

    def close(self) -> None:
        self._engine.dispose()


def _add(connection: Connection, count: Count) -> None:
    values = {column.name: getattr(count, column.name) for column in TALLY.c}
    statement = sqlite_insert(TALLY).values(values)
    cell = [column for column in TALLY.c if column.name != "n"]
    connection.execute(
        statement.on_conflict_do_update(index_elements=cell, set_={"n": TALLY.c.n + statement.excluded.n})
    )


def engine(url: str) -> Engine:
    """An engine for *url*. StoreError if the address is not one of a database we can use."""
    try:
        address = make_url(url)
    except (ArgumentError, ValueError):
        raise StoreError("database_url is not the address of a database; write sqlite:////path/to/file.db") from None
    if address.get_backend_name() != "sqlite":
        raise StoreError(
            f"database_url names the database '{address.get_backend_name()}', which is not supported yet; use sqlite:///…"
        )
    if address.host:
        raise StoreError(f"database_url names a host; a SQLite file has three slashes: sqlite:///{address.database}")
    if address.database and address.database != ":memory:":
        try:
            Path(address.database).parent.mkdir(parents=True, exist_ok=True)
        except OSError as error:
            raise StoreError(
                f"the folder of the database {address.database} cannot be made: {error.strerror}"
            ) from None
    try:
        made = create_engine(address)
    except (NoSuchModuleError, ModuleNotFoundError):
        raise StoreError(f"the driver for '{address.drivername}' is not installed") from None
    event.listen(made, "connect", _pragmas)
    event.listen(made, "begin", _begin)
    return made


def _pragmas(connection: Any, _: object) -> None:
    connection.isolation_level = None  # SQLAlchemy begins; see _begin
    for pragma in ("journal_mode=WAL", "synchronous=FULL", "secure_delete=ON", "busy_timeout=5000"):
        connection.execute(f"PRAGMA {pragma}")


def _begin(connection: Connection) -> None:
    # A transaction that reads first and writes later gets "database is locked" at once, whatever the timeout.
    connection.exec_driver_sql("BEGIN IMMEDIATE")


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
            f"the database has version {version(made)}, newer than this program ({HEAD}); install the newer program"
        ) from None


@contextmanager
def _said(what: str) -> Iterator[None]:
    """Turn the library's errors into one sentence without the statement or its values."""
    try:
        yield
    except SQLAlchemyError as error:
        reason = str(getattr(error, "orig", None) or type(error).__name__)
        raise StoreError(f"the database cannot {what}: {reason}") from None
