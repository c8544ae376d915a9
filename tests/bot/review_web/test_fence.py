"""The connection of the pages: what it must not see, the database itself refuses."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from sqlalchemy import Engine, insert, inspect, text
from sqlalchemy.exc import DatabaseError

from bot.store import Batch, Count, Done, Sealed, StoreError
from bot.store.database import opened
from bot.store.fence import READABLE, WRITABLE, fenced, writing
from bot.store.releases import Releases
from bot.store.sql import SqlStore
from bot.store.tables import METADATA, RELEASE

CLOSED = sorted(set(METADATA.tables) - READABLE - WRITABLE)


@pytest.fixture
def url(tmp_path: Path) -> str:
    found = f"sqlite:///{tmp_path / 'schullotse.db'}"
    store = SqlStore(found)
    count = Count("dortmund", "2026-W47", "schulangst", "parent", "kub", "web", "referred")
    store.write(Batch(done=(Done((), Sealed(b"1" * 16, 7, b"one"), (count,)),)))
    store.close()
    return found


@pytest.fixture
def engine(url: str) -> Iterator[Engine]:
    made = fenced(url)
    yield made
    made.dispose()


def test_conversations_messages_and_counts_are_behind_the_fence() -> None:
    assert {"conversation", "inbox", "outbox", "tally", "cursor"} <= set(CLOSED)
    assert {"release"} <= READABLE


@pytest.mark.parametrize("table", CLOSED)
@pytest.mark.parametrize(
    "statement",
    [
        "SELECT * FROM {table}",
        "SELECT count(*) FROM {table}",
        "SELECT 1 FROM release WHERE EXISTS (SELECT 1 FROM {table})",
        "SELECT id FROM account UNION SELECT * FROM {table}",
        "DELETE FROM {table}",
        "DROP TABLE {table}",
        "CREATE VIEW seen AS SELECT * FROM {table}",
        "CREATE TRIGGER seen AFTER INSERT ON audit BEGIN DELETE FROM {table}; END",
        "INSERT INTO audit (day, account, region, action) SELECT '2026-01-01', '', '', count(*) FROM {table}",
    ],
)
def test_nothing_reaches_what_the_pages_must_not_see(engine: Engine, table: str, statement: str) -> None:
    with pytest.raises(DatabaseError, match=r"not authorized|prohibited"), writing(engine).begin() as connection:
        connection.execute(text(statement.format(table=table)))


@pytest.mark.parametrize(
    "statement",
    ["DELETE FROM release", "UPDATE release SET body = ''", "DROP TABLE account", "PRAGMA writable_schema = ON"],
)
def test_a_release_cannot_be_changed_and_the_tables_stay_as_they_are(engine: Engine, statement: str) -> None:
    with pytest.raises(DatabaseError, match="not authorized"), writing(engine).begin() as connection:
        connection.execute(text(statement))


def test_another_database_file_cannot_be_attached(engine: Engine, url: str) -> None:
    path = url.removeprefix("sqlite:///")
    with pytest.raises(DatabaseError, match="not authorized"), engine.connect() as connection:
        connection.execute(text(f"ATTACH DATABASE '{path}' AS other"))


def test_the_same_statements_work_without_the_fence(url: str) -> None:
    free = opened(url)
    with free.connect() as connection:
        for table in CLOSED:
            connection.execute(text(f"SELECT count(*) FROM {table}"))  # noqa: S608 - names of our own tables
    free.dispose()


def test_releases_can_be_read_and_not_counts(engine: Engine) -> None:
    releases = Releases(engine)

    assert releases.all() == ()
    with pytest.raises(StoreError, match="cannot be read"):
        releases.counts("dortmund", ["2026-W47"])


def test_a_page_does_not_wait_for_somebody_who_writes(engine: Engine, url: str) -> None:
    free = opened(url)
    with free.begin() as busy:
        busy.execute(insert(RELEASE).values(region="dortmund", period="2026", version=1, sha256="", body=""))
        assert Releases(engine).all() == ()
    free.dispose()


def test_every_table_is_on_one_side_of_the_fence(url: str) -> None:
    free = opened(url)
    names = set(inspect(free).get_table_names())
    free.dispose()

    assert names == READABLE - {"sqlite_master"} | WRITABLE | set(CLOSED)
