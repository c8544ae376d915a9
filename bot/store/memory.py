"""A store that forgets with the process. A real one: it passes the same contract as the databases."""

from collections.abc import Iterable, Sequence
from dataclasses import astuple, replace

from bot.store import Batch, Count, Done, Lease, Sealed, Waiting, Written


class MemoryStore:
    """Dictionaries behind the Store port."""

    def __init__(self) -> None:
        self._conversations: dict[bytes, Sealed] = {}
        self._tally: dict[Count, int] = {}
        self._inbox: dict[bytes, Waiting | int] = {}  # the number of its key, once handled
        self._outbox: dict[bytes, Waiting] = {}
        self._cursors: dict[str, str] = {}
        self._leases: set[str] = set()

    def load(self, keys: Sequence[bytes]) -> Sealed | None:
        return next((self._conversations[key] for key in keys if key in self._conversations), None)

    def glance(self, keys: Sequence[bytes]) -> Sealed | None:
        return self.load(keys)

    def write(self, batch: Batch) -> Written:
        new = set()
        for message in batch.accepted:
            if not {message.id, *message.others} & self._inbox.keys():
                self._inbox[message.id] = message
                new.add(message.id)
        self._cursors.update(batch.cursors)
        done = tuple(self._take_effect(one) for one in batch.done)
        for reply in batch.sent:
            self._outbox.pop(reply, None)
        return Written(frozenset(new), done)

    def _take_effect(self, done: Done) -> bool:
        if done.inbox is not None:
            waiting = self._inbox.get(done.inbox)
            if not isinstance(waiting, Waiting):
                return False
            self._inbox[done.inbox] = waiting.epoch
        if done.fresh is not None:
            if {done.fresh.id, *done.fresh.others} & self._inbox.keys():
                return False
            self._inbox[done.fresh.id] = done.fresh.epoch
        self.delete(done.old_keys)
        if done.state:
            self._conversations[done.state.key] = done.state
        for count in done.counts:
            cell = replace(count, n=0)
            self._tally[cell] = self._tally.get(cell, 0) + count.n
        self._outbox.update((reply.id, reply) for reply in done.outbox)
        return True

    def inbox(self) -> list[Waiting]:
        return [replace(message, others=()) for message in self._inbox.values() if isinstance(message, Waiting)]

    def outbox(self) -> list[Waiting]:
        return list(self._outbox.values())

    def cursor(self, channel: str) -> str | None:
        return self._cursors.get(channel)

    def age(self, epoch: int) -> int:
        old = {key: one for key, one in self._inbox.items() if (one if isinstance(one, int) else one.epoch) < epoch}
        unsent = [key for key, reply in self._outbox.items() if reply.epoch < epoch]
        for key in old:
            del self._inbox[key]
        for key in unsent:
            del self._outbox[key]
        return len(unsent) + sum(isinstance(one, Waiting) for one in old.values())

    def conversations(self) -> Iterable[Sealed]:
        return list(self._conversations.values())

    def delete(self, keys: Sequence[bytes]) -> None:
        for key in keys:
            self._conversations.pop(key, None)

    def tally(self) -> list[Count]:
        return sorted((replace(cell, n=n) for cell, n in self._tally.items()), key=astuple)

    def lease(self, name: str) -> Lease | None:
        if name in self._leases:
            return None
        self._leases.add(name)
        return _Held(self._leases, name)

    def close(self) -> None:
        pass


class _Held:
    def __init__(self, leases: set[str], name: str) -> None:
        self._leases, self._name = leases, name

    def held(self) -> bool:
        return self._name in self._leases

    def release(self) -> None:
        self._leases.discard(self._name)
