"""One contract for every store; and what only a database can do wrong."""

import sqlite3
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing
from dataclasses import replace
from pathlib import Path

import pytest
from alembic import command
from alembic.config import Config
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from bot.store import Batch, Count, Done, Sealed, Store, StoreError
from bot.store.database import MIGRATIONS, engine, newest, upgrade, version
from bot.store.memory import MemoryStore
from bot.store.sql import SqlStore

ONE = Sealed(b"1" * 16, 7, b"one")
TWO = Sealed(b"2" * 16, 8, b"\x00\xff two")
CELL = Count("dortmund", "2026-W47", "schulangst", "parent", "schulpsychologie", "console", "referred")
COLUMNS = {
    "alembic_version": {"version_num"},
    "conversation": {"key", "epoch", "body"},
    "tally": {"region", "week", "concern", "audience", "actor", "channel", "outcome", "n"},
}


def commit(store: Store, done: Done) -> bool:
    return store.write(Batch(done=(done,))).done[0]


@pytest.fixture
def url(tmp_path: Path) -> str:
    return f"sqlite:///{tmp_path / 'schullotse.db'}"


@pytest.fixture
def sql(url: str) -> Iterator[SqlStore]:
    made = SqlStore(url)
    yield made
    made.close()


def test_a_new_store_is_empty(store: Store) -> None:
    assert store.load([ONE.key]) is None
    assert list(store.conversations()) == []
    assert store.tally() == []


def test_what_is_committed_can_be_loaded(store: Store) -> None:
    commit(store, Done((), TWO, ()))

    assert store.load([TWO.key]) == TWO
    assert store.load([ONE.key]) is None
    assert store.load([]) is None


def test_the_first_of_several_keys_that_is_stored_counts(store: Store) -> None:
    commit(store, Done((), ONE, ()))
    commit(store, Done((), TWO, ()))

    assert store.load([b"unknown", TWO.key, ONE.key]) == TWO
    assert store.load([ONE.key, TWO.key]) == ONE


def test_a_commit_under_the_same_key_replaces(store: Store) -> None:
    commit(store, Done((), ONE, ()))
    commit(store, Done((ONE.key,), replace(ONE, body=b"newer"), ()))
    commit(store, Done((), replace(ONE, body=b"newest"), ()))

    assert list(store.conversations()) == [replace(ONE, body=b"newest")]


def test_old_keys_leave_with_the_commit(store: Store) -> None:
    commit(store, Done((), ONE, ()))
    commit(store, Done((b"never stored", ONE.key), TWO, ()))

    assert list(store.conversations()) == [TWO]


def test_a_commit_without_state_deletes_the_conversation_and_still_counts(store: Store) -> None:
    commit(store, Done((), ONE, ()))
    commit(store, Done((ONE.key,), None, (CELL,)))

    assert list(store.conversations()) == []
    assert store.tally() == [CELL]


def test_counts_of_the_same_cell_add_up(store: Store) -> None:
    commit(store, Done((), None, (CELL, CELL)))
    commit(store, Done((), ONE, (replace(CELL, n=5),)))

    assert store.tally() == [replace(CELL, n=7)]


@pytest.mark.parametrize("column", sorted(COLUMNS["tally"] - {"n"}))
def test_cells_that_differ_in_one_column_are_counted_apart(store: Store, column: str) -> None:
    other = replace(CELL, **{column: ""})
    commit(store, Done((), None, (CELL, other)))

    assert store.tally() == [other, CELL]


def test_deleting_removes_these_conversations_only(store: Store) -> None:
    commit(store, Done((), ONE, (CELL,)))
    commit(store, Done((), TWO, ()))
    store.delete([ONE.key, b"never stored"])
    store.delete([])

    assert list(store.conversations()) == [TWO]
    assert store.tally() == [CELL]


def test_a_store_can_be_closed_twice(store: Store) -> None:
    store.close()
    store.close()


keys = st.sampled_from([b"a" * 16, b"b" * 16, b"c" * 16])
cells = st.builds(
    Count,
    region=st.sampled_from(["", "dortmund", "Österreich"]),
    week=st.sampled_from(["2026-W01", "2026-W53"]),
    concern=st.sampled_from(["", "schulangst", "mobbing"]),
    audience=st.just("parent"),
    actor=st.just(""),
    channel=st.just("console"),
    outcome=st.sampled_from(["referred", "wrong:phone"]),
    n=st.integers(1, 9),
)
effects = st.builds(
    Done,
    old_keys=st.lists(keys, max_size=3).map(tuple),
    state=st.none() | st.builds(Sealed, key=keys, epoch=st.integers(0, 2**31 - 1), body=st.binary(max_size=40)),
    counts=st.lists(cells, max_size=4).map(tuple),
)


@settings(max_examples=25, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(steps=st.lists(effects, max_size=5))
def test_both_stores_hold_the_same_after_the_same_commits(url: str, steps: list[Done]) -> None:
    Path(url.removeprefix("sqlite:///")).unlink(missing_ok=True)
    memory, sql = MemoryStore(), SqlStore(url)
    for done in steps:
        commit(memory, done)
        commit(sql, done)

    assert sorted(sql.conversations(), key=lambda row: row.key) == sorted(
        memory.conversations(), key=lambda row: row.key
    )
    assert sql.tally() == memory.tally()
    sql.close()


def test_an_opened_again_database_holds_what_was_stored(url: str, sql: SqlStore) -> None:
    commit(sql, Done((), ONE, (CELL,)))
    sql.close()
    again = SqlStore(url)

    assert (again.load([ONE.key]), again.tally()) == (ONE, [CELL])
    again.close()


def test_state_and_counts_are_stored_together_or_not_at_all(sql: SqlStore) -> None:
    commit(sql, Done((), ONE, (CELL,)))
    impossible = replace(CELL, week=None)  # type: ignore[arg-type]

    with pytest.raises(StoreError, match="cannot be written"):
        commit(sql, Done((ONE.key,), TWO, (CELL, impossible)))

    assert list(sql.conversations()) == [ONE]
    assert sql.tally() == [CELL]


def test_commits_at_the_same_time_all_count(sql: SqlStore) -> None:
    with ThreadPoolExecutor(4) as pool:
        for done in [pool.submit(commit, sql, Done((), ONE, (CELL,))) for _ in range(24)]:
            done.result()

    assert sql.tally() == [replace(CELL, n=24)]


def test_the_database_has_these_columns_and_no_others(url: str, sql: SqlStore) -> None:
    with closing(sqlite3.connect(url.removeprefix("sqlite:///"))) as live:
        tables = [name for (name,) in live.execute("SELECT name FROM sqlite_master WHERE type = 'table'")]
        found = {table: {row[1] for row in live.execute(f"PRAGMA table_info({table})")} for table in tables}

    assert found == COLUMNS


def test_a_database_goes_down_and_up_again(url: str, sql: SqlStore) -> None:
    made = engine(url)
    config = Config()
    config.set_main_option("script_location", str(MIGRATIONS))
    config.attributes["engine"] = made
    commit(sql, Done((), ONE, (CELL,)))

    command.downgrade(config, "base")
    assert version(made) is None
    upgrade(made)
    assert version(made) == newest()
    made.dispose()

    commit(sql, Done((), TWO, (CELL,)))
    assert (list(sql.conversations()), sql.tally()) == ([TWO], [CELL])
