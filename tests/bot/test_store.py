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

from bot.store import Batch, Count, Done, Sealed, Store, StoreError, Waiting
from bot.store.database import MIGRATIONS, engine, newest, upgrade, version
from bot.store.memory import MemoryStore
from bot.store.sql import SqlStore

ONE = Sealed(b"1" * 16, 7, b"one")
TWO = Sealed(b"2" * 16, 8, b"\x00\xff two")
CELL = Count("dortmund", "2026-W47", "schulangst", "parent", "schulpsychologie", "console", "referred")
COLUMNS = {
    "alembic_version": {"version_num"},
    "conversation": {"key", "epoch", "body"},
    "inbox": {"number", "id", "epoch", "body"},
    "outbox": {"number", "id", "epoch", "body"},
    "cursor": {"channel", "position"},
    "tally": {"region", "week", "concern", "audience", "actor", "channel", "outcome", "n"},
    "release": {"region", "period", "version", "sha256", "body"},
    "account": {"id", "email", "password", "totp", "totp_step", "generation"},
    "access": {"account", "region", "role"},
    "invitation": {"token", "account", "last_day"},
    "audit": {"number", "day", "account", "region", "action"},
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


def waiting(name: bytes, *others: bytes, epoch: int = 5) -> Waiting:
    return Waiting(name * 16, epoch, b"sealed " + name, tuple(other * 16 for other in others))


def accept(store: Store, *messages: Waiting) -> frozenset[bytes]:
    return store.write(Batch(accepted=messages)).new


def test_a_message_is_accepted_once_however_often_it_comes(store: Store) -> None:
    one, two = waiting(b"a"), waiting(b"b")

    assert accept(store, one, two, one) == {one.id, two.id}
    assert accept(store, two) == set()
    assert accept(store, waiting(b"c", b"a")) == set()  # known under an older key
    assert accept(store) == set()
    assert store.inbox() == [one, two]


def test_a_handled_message_is_known_but_waits_no_more(store: Store) -> None:
    message = waiting(b"a")
    accept(store, message)

    assert commit(store, Done((), ONE, (CELL,), message.id))
    assert store.inbox() == []
    assert accept(store, message) == set()


def test_only_the_first_who_handles_a_message_has_any_effect(store: Store) -> None:
    message, reply = waiting(b"a"), Waiting(b"a" * 17, 5, b"reply")
    accept(store, message)
    done = Done((), ONE, (CELL,), message.id, outbox=(reply,))

    assert store.write(Batch(done=(done, done))).done == (True, False)
    late = Done((ONE.key,), TWO, (CELL,), message.id, outbox=(Waiting(b"b" * 17, 5, b"other"),))
    assert store.write(Batch(done=(late, Done((), TWO, ())))).done == (False, True)
    assert commit(store, Done((), None, (CELL,), b"never seen here.")) is False
    assert store.tally() == [CELL]
    assert store.outbox() == [reply]
    assert {row.key for row in store.conversations()} == {ONE.key, TWO.key}


def test_a_message_handled_at_once_never_waits_and_is_known_from_then_on(store: Store) -> None:
    message = waiting(b"a", b"z")
    done = Done((), ONE, (CELL,), fresh=message)

    assert store.write(Batch(done=(done, done))).done == (True, False)
    assert store.tally() == [CELL]
    assert commit(store, done) is False
    assert commit(store, Done((), TWO, (CELL,), fresh=waiting(b"b", b"a"))) is False
    assert accept(store, message) == set()
    assert store.inbox() == []
    assert store.tally() == [CELL]


def test_replies_wait_in_order_until_they_are_sent(store: Store) -> None:
    replies = tuple(Waiting(bytes([number]) * 17, 5, b"reply") for number in range(4))
    commit(store, Done((), None, (), outbox=replies[:3]))
    commit(store, Done((), None, (), outbox=replies[3:]))
    store.write(Batch(sent=(replies[1].id, b"never there")))

    assert store.outbox() == [replies[0], *replies[2:]]


def test_the_cursor_of_a_channel_is_the_last_one_written(store: Store) -> None:
    store.write(Batch(cursors=(("matrix", "s1"), ("telegram", "7"))))
    store.write(Batch(accepted=(waiting(b"a"),), cursors=(("matrix", "s2"),)))

    assert (store.cursor("matrix"), store.cursor("telegram"), store.cursor("web")) == ("s2", "7", None)


def test_what_is_under_an_old_key_goes_and_what_still_waited_is_counted(store: Store) -> None:
    old, handled, new = waiting(b"a", epoch=3), waiting(b"b", epoch=3), waiting(b"c", epoch=5)
    replies = (Waiting(b"r" * 17, 3, b"reply"), Waiting(b"s" * 17, 5, b"reply"))
    accept(store, old, handled, new)
    commit(store, Done((), None, (), handled.id, outbox=replies))

    assert store.age(5) == 2
    assert store.age(5) == 0
    assert store.inbox() == [new]
    assert [reply.id for reply in store.outbox()] == [b"s" * 17]


def test_a_lease_has_one_holder_until_it_is_released(store: Store) -> None:
    lease = store.lease("telegram")
    assert lease
    assert lease.held()
    assert store.lease("telegram") is None
    other = store.lease("matrix")
    assert other
    lease.release()
    again = store.lease("telegram")
    assert again
    for held in (again, other):
        held.release()


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
