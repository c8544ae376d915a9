"""The store in a database, SQLite or PostgreSQL, through SQLAlchemy Core: no ORM, because there is nothing to map."""

from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import fields, replace
from typing import Any

from sqlalchemy import BindParameter, Connection, Engine, Table, bindparam, delete, insert, select, update
from sqlalchemy.dialects import postgresql, sqlite

from bot.store import AwayError, Batch, Count, Done, Lease, Sealed, Waiting, Written
from bot.store.database import engine, opened, said
from bot.store.lease import lease
from bot.store.tables import CONVERSATION, CURSOR, INBOX, OUTBOX, TALLY

CELL = tuple(column for column in TALLY.c if column.name != "n")
NAMES = tuple(item.name for item in fields(Count))

# Statements of every turn are built once: building one takes longer than running it.
_KEYS: BindParameter[Any] = bindparam("keys", expanding=True)
_CONVERSATIONS = select(CONVERSATION).where(CONVERSATION.c.key.in_(_KEYS))
_FORGET = delete(CONVERSATION).where(CONVERSATION.c.key.in_(_KEYS))
_KNOWN = select(INBOX.c.id).where(INBOX.c.id.in_(_KEYS))
_STILL_WAITING = _KNOWN.where(INBOX.c.body.is_not(None)).with_for_update()
_EMPTY = update(INBOX).where(INBOX.c.id.in_(_KEYS)).values(body=None)
_ANSWER = insert(OUTBOX)
_SENT = delete(OUTBOX).where(OUTBOX.c.id.in_(_KEYS))


class SqlStore:
    """One database. Opening it migrates it to the newest version."""

    def __init__(self, url: str) -> None:
        self._engine = opened(url)
        self._reading = self._engine.execution_options(reading=True)  # does not wait for whoever writes
        file = self._engine.dialect.name == "sqlite"
        self._glancing = engine(url, patience=0).execution_options(reading=True) if file else None
        upsert: Any = sqlite.insert if file else postgresql.insert
        self._receive = upsert(INBOX).on_conflict_do_nothing(index_elements=["id"]).returning(INBOX.c.id)
        self._keep_state = _replacing(upsert(CONVERSATION), CONVERSATION)
        self._keep_cursor = _replacing(upsert(CURSOR), CURSOR)
        adding = upsert(TALLY)
        added = {"n": TALLY.c.n + adding.excluded.n}
        self._add = adding.on_conflict_do_update(index_elements=list(CELL), set_=added)

    def load(self, keys: Sequence[bytes]) -> Sealed | None:
        return _conversation(self._reading, keys)

    def glance(self, keys: Sequence[bytes]) -> Sealed | None:
        if self._glancing is None:
            raise AwayError("the database cannot be read without waiting: it is not on this machine")
        return _conversation(self._glancing, keys)

    def write(self, batch: Batch) -> Written:
        with said("be written"), self._engine.begin() as connection:
            new = self._accept(connection, batch.accepted)
            if batch.cursors:
                rows = [{"channel": name, "position": at} for name, at in batch.cursors]
                connection.execute(self._keep_cursor, rows)
            done = self._take_effect(connection, batch.done)
            if batch.sent:
                connection.execute(_SENT, {"keys": batch.sent})
        return Written(new, done)

    def _accept(
        self, connection: Connection, messages: Sequence[Waiting], *, handled: bool = False
    ) -> frozenset[bytes]:
        """The ids of those that were not known. *handled* ones are known from now on, but do not wait."""
        if not messages:
            return frozenset()
        ids = [key for message in messages for key in (message.id, *message.others)]
        known = set(connection.scalars(_KNOWN, {"keys": ids}))
        rows: dict[bytes, dict[str, Any]] = {}
        for message in messages:
            if not {message.id, *message.others} & known:
                body = None if handled else message.body
                rows.setdefault(message.id, {"id": message.id, "epoch": message.epoch, "body": body})
        if not rows:
            return frozenset()
        return frozenset(connection.scalars(self._receive, list(rows.values())))

    def _take_effect(self, connection: Connection, done: Sequence[Done]) -> tuple[bool, ...]:
        waited = [one.inbox for one in done if one.inbox is not None]
        alive = self._handled(connection, waited) if waited else set()
        alive |= self._accept(connection, [one.fresh for one in done if one.fresh], handled=True)
        effective = tuple(_first(alive, one.fresh.id if one.fresh else one.inbox) for one in done)
        real = [one for one, ours in zip(done, effective, strict=True) if ours]
        self._keep(connection, real)
        self._count(connection, real)
        replies = [{"id": row.id, "epoch": row.epoch, "body": row.body} for one in real for row in one.outbox]
        if replies:
            connection.execute(_ANSWER, replies)
        return effective

    def _handled(self, connection: Connection, ids: Sequence[bytes]) -> set[bytes]:
        """Those of *ids* that were waiting; they no longer are, and their bodies are gone."""
        alive = set(connection.scalars(_STILL_WAITING, {"keys": ids}))
        if alive:
            connection.execute(_EMPTY, {"keys": list(alive)})
        return alive

    def _keep(self, connection: Connection, done: Sequence[Done]) -> None:
        last: dict[bytes, Sealed | None] = {}
        for one in done:
            last.update(dict.fromkeys(one.old_keys))
            if one.state:
                last[one.state.key] = one.state
        kept = [state for state in last.values() if state]
        gone = [key for key, state in last.items() if not state]
        if gone:
            connection.execute(_FORGET, {"keys": gone})
        if kept:
            rows = [{"key": state.key, "epoch": state.epoch, "body": state.body} for state in kept]
            connection.execute(self._keep_state, rows)

    def _count(self, connection: Connection, done: Sequence[Done]) -> None:
        cells: Counter[Count] = Counter()
        for one in done:
            for count in one.counts:
                cells[replace(count, n=0)] += count.n
        if not cells:
            return
        rows = [{**{name: getattr(cell, name) for name in NAMES}, "n": n} for cell, n in cells.items()]
        rows.sort(key=lambda row: [str(row[column.name]) for column in CELL])  # one order, so that nobody deadlocks
        connection.execute(self._add, rows)

    def inbox(self) -> list[Waiting]:
        return self._waiting(select(INBOX).where(INBOX.c.body.is_not(None)).order_by(INBOX.c.number))

    def outbox(self) -> list[Waiting]:
        return self._waiting(select(OUTBOX).order_by(OUTBOX.c.number))

    def _waiting(self, statement: Any) -> list[Waiting]:
        with said("be read"), self._reading.connect() as connection:
            return [Waiting(row.id, row.epoch, row.body) for row in connection.execute(statement)]

    def cursor(self, channel: str) -> str | None:
        with said("be read"), self._reading.connect() as connection:
            return connection.scalar(select(CURSOR.c.position).where(CURSOR.c.channel == channel))

    def age(self, epoch: int) -> int:
        with said("be written"), self._engine.begin() as connection:
            late = INBOX.c.epoch < epoch
            unread = len(connection.scalars(select(INBOX.c.id).where(late & INBOX.c.body.is_not(None))).all())
            connection.execute(delete(INBOX).where(late))
            unsent = connection.execute(delete(OUTBOX).where(OUTBOX.c.epoch < epoch)).rowcount
        return unread + unsent

    def conversations(self) -> Iterable[Sealed]:
        with said("be read"), self._reading.connect() as connection:
            return [Sealed(row.key, row.epoch, row.body) for row in connection.execute(select(CONVERSATION))]

    def delete(self, keys: Sequence[bytes]) -> None:
        with said("be written"), self._engine.begin() as connection:
            connection.execute(_FORGET, {"keys": keys})

    def tally(self) -> list[Count]:
        with said("be read"), self._reading.connect() as connection:
            found = [Count(*row) for row in connection.execute(select(TALLY))]
        return sorted(found, key=lambda count: [str(getattr(count, column.name)) for column in CELL])

    def lease(self, name: str) -> Lease | None:
        return lease(self._engine, name)

    def close(self) -> None:
        self._engine.dispose()
        if self._glancing is not None:
            self._glancing.dispose()


def _conversation(reading: Engine, keys: Sequence[bytes]) -> Sealed | None:
    """The first of *keys* that is stored."""
    with said("be read"), reading.connect() as connection:
        rows = connection.execute(_CONVERSATIONS, {"keys": keys}).all()
    found = {row.key: Sealed(row.key, row.epoch, row.body) for row in rows}
    return next((found[key] for key in keys if key in found), None)


def _replacing(statement: Any, table: Table) -> Any:
    """*statement*, an insert, that replaces rows of the same key."""
    key = list(table.primary_key)
    new = {column.name: statement.excluded[column.name] for column in table.c if column not in key}
    return statement.on_conflict_do_update(index_elements=key, set_=new)


def _first(alive: set[bytes], key: bytes | None) -> bool:
    """Whether *key* is alive; it is so once."""
    if key is None:
        return True
    ours = key in alive
    alive.discard(key)
    return ours
