"""Only one of several processes: a lock of the file system beside a SQLite file, an advisory lock in PostgreSQL.

Both end with the process that holds them, however it ends: nothing has to expire.
"""

import fcntl
import hashlib
import os
from pathlib import Path

from sqlalchemy import Connection, Engine, event, text
from sqlalchemy.engine import ExceptionContext
from sqlalchemy.exc import SQLAlchemyError

from bot.store import Lease, StoreError
from bot.store.database import said


def lease(engine: Engine, name: str) -> Lease | None:
    """The lease *name* of this database, or None while another process has it."""
    if engine.dialect.name == "sqlite":
        return _FileLease.taken(Path(f"{engine.url.database}.{name}.lock"))
    return _Advisory.taken(engine, name)


class _FileLease:
    def __init__(self, handle: int) -> None:
        self._handle: int | None = handle

    @classmethod
    def taken(cls, path: Path) -> "_FileLease | None":
        try:
            handle = os.open(path, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
        except OSError as error:
            raise StoreError(f"the lock file {path} cannot be opened: {error.strerror}") from None
        try:
            fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except OSError:
            os.close(handle)
            return None
        return cls(handle)

    def held(self) -> bool:
        return self._handle is not None

    def release(self) -> None:
        if self._handle is not None:
            os.close(self._handle)
            self._handle = None


class _Advisory:
    """Lost with any connection to the database: a commit may have broken with it, so that what was accepted or answered
    rests in inbox or outbox and nobody here knows. Whoever takes the lease looks there first."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection
        self._broken = False
        event.listen(connection.engine, "handle_error", self._heard)

    def _heard(self, context: ExceptionContext) -> None:
        self._broken = self._broken or context.is_disconnect

    @classmethod
    def taken(cls, engine: Engine, name: str) -> "_Advisory | None":
        number = int.from_bytes(hashlib.sha256(f"schullotse {name}".encode()).digest()[:8], "big", signed=True)
        with said("be locked"):
            connection = engine.connect().execution_options(isolation_level="AUTOCOMMIT")
            if connection.scalar(text("SELECT pg_try_advisory_lock(:number)"), {"number": number}):
                return cls(connection)
            connection.close()
        return None

    def held(self) -> bool:
        try:
            return not self._broken and bool(self._connection.scalar(text("SELECT true")))
        except SQLAlchemyError:
            return False

    def release(self) -> None:
        event.remove(self._connection.engine, "handle_error", self._heard)
        self._connection.invalidate()  # the pool must not hand out a connection that holds a lock
        self._connection.close()
