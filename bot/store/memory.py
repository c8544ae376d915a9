"""A store that forgets with the process. A real one: it passes the same contract as the database."""

from collections.abc import Iterable, Sequence
from dataclasses import astuple, replace

from bot.store import Count, Done, Sealed


class MemoryStore:
    """Dictionaries behind the Store port."""

    def __init__(self) -> None:
        self._conversations: dict[bytes, Sealed] = {}
        self._tally: dict[Count, int] = {}

    def load(self, keys: Sequence[bytes]) -> Sealed | None:
        return next((self._conversations[key] for key in keys if key in self._conversations), None)

    def commit(self, done: Done) -> None:
        self.delete(done.old_keys)
        if done.state:
            self._conversations[done.state.key] = done.state
        for count in done.counts:
            cell = replace(count, n=0)
            self._tally[cell] = self._tally.get(cell, 0) + count.n

    def conversations(self) -> Iterable[Sealed]:
        return list(self._conversations.values())

    def delete(self, keys: Sequence[bytes]) -> None:
        for key in keys:
            self._conversations.pop(key, None)

    def tally(self) -> list[Count]:
        return sorted((replace(cell, n=n) for cell, n in self._tally.items()), key=astuple)

    def close(self) -> None:
        pass
