"""The knowledge in use and, as long as somebody may still be in a conversation of it, what was in use before."""

from dataclasses import dataclass, replace
from datetime import datetime
from threading import Lock

from bot.store.codec import AGE, IDLE
from knowledge.base import Knowledge

KEPT = 8  # older versions at most: an editor that saves every few seconds must not fill the memory


@dataclass(frozen=True, slots=True)
class _Older:
    """A version that was replaced, and the last time when a conversation of it was answered; seconds since 1970."""

    known: Knowledge
    replaced: float
    used: float

    def lives(self, at: float) -> bool:
        """A conversation of it may still go on: none is older than AGE, or idle for longer than IDLE."""
        return at - self.replaced <= AGE.total_seconds() and at - self.used <= IDLE.total_seconds()


class Library:
    """One present version and the living older ones. A conversation keeps the version that it began with."""

    def __init__(self, present: Knowledge) -> None:
        self._present = present
        self._older: dict[str, _Older] = {}
        self._lock = Lock()

    @property
    def present(self) -> Knowledge:
        """What holds for everything that begins now."""
        return self._present

    def versions(self) -> tuple[str, ...]:
        """The present version, then the older ones."""
        return (self._present.version, *self._older)

    def of(self, version: str, at: datetime) -> Knowledge:
        """The knowledge of a conversation of *version*; the present one if there is none of that version any more."""
        with self._lock:
            older = self._older.get(version)
            if older is None or version == self._present.version:
                return self._present
            self._older[version] = replace(older, used=at.timestamp())
            return older.known

    def take(self, known: Knowledge, at: datetime) -> None:
        """*known* is the present version from now on. What it has in common with the one before is held once."""
        shared = sharing(known, self._present)
        now = at.timestamp()
        with self._lock:
            before = self._present
            older = {name: one for name, one in self._older.items() if one.lives(now)} | {
                before.version: _Older(before, now, now)
            }
            older.pop(shared.version, None)
            latest = sorted(older, key=lambda name: older[name].used)[-KEPT:]
            self._present, self._older = shared, {name: older[name] for name in reversed(latest)}


def sharing(known: Knowledge, before: Knowledge) -> Knowledge:
    """*known*, with the search and the rules of danger of *before* where they are the same."""
    if known.search is before.search and known.gate is before.gate:
        return known
    same = known.learned != "" and known.learned == before.learned
    return replace(
        known,
        search=before.search if same else known.search,
        gate=before.gate if known.gate.rules == before.gate.rules else known.gate,
    )
