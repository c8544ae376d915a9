"""The store in a database, SQLite or PostgreSQL, through SQLAlchemy Core: no ORM, because there is nothing to map."""

from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import fields, replace
from typing import Any

from sqlalchemy import Connection, Engine, Table, delete, insert, select, update
from sqlalchemy.dialects import postgresql, sqlite

from bot.store import AwayError, Batch, Count, Done, Lease, Sealed, Waiting, Written
from bot.store.database import engine, opened, said
from bot.store.lease import lease
from bot.store.tables import CONVERSATION, CURSOR, INBOX, OUTBOX, TALLY

CELL = tuple(column for column in TALLY.c if column.name != "n")


class SqlStore:
    """One database. Opening it migrates it to the newest version."""

    def __init__(self, url: str) -> None:
        self._engine = opened(url)
        self._reading = self._engine.execution_options(reading=True)  # does not wait for whoever writes
        file = self._engine.dialect.name == "sqlite"
        self._glancing = engine(url, patience=0).execution_options(reading=True) if file else None
        self._upsert: Any = sqlite.insert if file else postgresql.insert

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
                self._replace(connection, CURSOR, [{"channel": name, "position": at} for name, at in batch.cursors])
            done = self._take_effect(connection, batch.done)
            if batch.sent:
                connection.execute(delete(OUTBOX).where(OUTBOX.c.id.in_(batch.sent)))
        return Written(new, done)

    def _accept(
        self, connection: Connection, messages: Sequence[Waiting], *, handled: bool = False
    ) -> frozenset[bytes]:
        """The ids of those that were not known. *handled* ones are known from now on, but do not wait."""
        if not messages:
            return frozenset()
        ids = [key for message in messages for key in (message.id, *message.others)]
        known = set(connection.scalars(select(INBOX.c.id).where(INBOX.c.id.in_(ids))))
        rows: dict[bytes, dict[str, Any]] = {}
        for message in messages:
            if not {message.id, *message.others} & known:
                body = None if handled else message.body
                rows.setdefault(message.id, {"id": message.id, "epoch": message.epoch, "body": body})
        if not rows:
            return frozenset()
        statement = self._upsert(INBOX).on_conflict_do_nothing(index_elements=["id"]).returning(INBOX.c.id)
        return frozenset(connection.scalars(statement, list(rows.values())))

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
            connection.execute(insert(OUTBOX), replies)
        return effective

    def _handled(self, connection: Connection, ids: Sequence[bytes]) -> set[bytes]:
        """Those of *ids* that were waiting; they no longer are, and their bodies are gone."""
        waiting = INBOX.c.id.in_(ids) & INBOX.c.body.is_not(None)
        alive = set(connection.scalars(select(INBOX.c.id).where(waiting).with_for_update()))
        if alive:
            connection.execute(update(INBOX).where(INBOX.c.id.in_(list(alive))).values(body=None))
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
            connection.execute(delete(CONVERSATION).where(CONVERSATION.c.key.in_(gone)))
        if kept:
            rows = [{"key": state.key, "epoch": state.epoch, "body": state.body} for state in kept]
            self._replace(connection, CONVERSATION, rows)

    def _count(self, connection: Connection, done: Sequence[Done]) -> None:
        cells: Counter[Count] = Counter()
        for one in done:
            for count in one.counts:
                cells[replace(count, n=0)] += count.n
        if not cells:
            return
        names = [item.name for item in fields(Count)]
        rows = [{**{name: getattr(cell, name) for name in names}, "n": n} for cell, n in cells.items()]
        rows.sort(key=lambda row: [str(row[column.name]) for column in CELL])  # one order, so that nobody deadlocks
        statement = self._upsert(TALLY)
        added = {"n": TALLY.c.n + statement.excluded.n}
        connection.execute(statement.on_conflict_do_update(index_elements=list(CELL), set_=added), rows)

    def _replace(self, connection: Connection, table: Table, rows: list[dict[str, Any]]) -> None:
        statement = self._upsert(table)
        key = list(table.primary_key)
        new = {column.name: statement.excluded[column.name] for column in table.c if column not in key}
        connection.execute(statement.on_conflict_do_update(index_elements=key, set_=new), rows)

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
            connection.execute(delete(CONVERSATION).where(CONVERSATION.c.key.in_(keys)))

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
        rows = connection.execute(select(CONVERSATION).where(CONVERSATION.c.key.in_(keys))).all()
    found = {row.key: Sealed(row.key, row.epoch, row.body) for row in rows}
    return next((found[key] for key in keys if key in found), None)


def _first(alive: set[bytes], key: bytes | None) -> bool:
    """Whether *key* is alive; it is so once."""
    if key is None:
        return True
    ours = key in alive
    alive.discard(key)
    return ours
