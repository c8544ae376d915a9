"""How fresh a fact is: from when it is, how long it holds, and what has to be asked again."""

from calendar import monthrange
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, timedelta
from enum import StrEnum

from knowledge.model import Actor, Fact, Pack

AHEAD = 3  # months before its end in which a fact is due: time enough to ask an office between two holidays


class State(StrEnum):
    """How fresh a fact is, the worst first."""

    NEVER = "never"  # nobody knows when it was true
    OVERDUE = "overdue"
    DUE = "due"
    FRESH = "fresh"


@dataclass(frozen=True, slots=True)
class Aged:
    """A fact of an actor, its number in the file, and how fresh it is."""

    actor: Actor
    fact: Fact
    index: int
    state: State


def state(as_of: str, today: date, *, months: int, valid_until: str = "") -> State:
    """How fresh a statement of *as_of* (YYYY, YYYY-MM, YYYY-MM-DD, "unknown") is; the earliest possible day counts.

    It holds for *months*, or until the end of *valid_until*.
    """
    if valid_until[:1].isdecimal():
        end = _last_day(valid_until) + timedelta(days=1)
    elif as_of[:1].isdecimal():
        end = _later(_first_day(as_of), months)
    else:
        return State.NEVER
    if today >= end:
        return State.OVERDUE
    return State.DUE if today >= _later(end, -AHEAD) else State.FRESH


def of(fact: Fact, pack: Pack, today: date) -> State:
    """How fresh *fact* of an actor of *pack* is."""
    return state(fact.as_of, today, months=pack.valid_months, valid_until=fact.valid_until)


def aged(pack: Pack, today: date) -> list[Aged]:
    """Every fact that users may see, the oldest first; those that were never confirmed before all others."""
    order = list(State)
    return sorted(_shown(pack, today), key=lambda one: (order.index(one.state), one.fact.as_of, one.actor.name))


def _shown(pack: Pack, today: date) -> Iterator[Aged]:
    for actor in pack.actors.values():
        for index, fact in enumerate(actor.facts):
            if not fact.internal:
                yield Aged(actor, fact, index, of(fact, pack, today))


def _first_day(written: str) -> date:
    year, month, day = (int(part) for part in (*written.split("-"), "1", "1")[:3])
    return date(year, month, min(day, monthrange(year, month)[1]))


def _last_day(written: str) -> date:
    year, *rest = (int(part) for part in written.split("-"))
    month, day = (*rest, 31)[:2] if rest else (12, 31)
    return date(year, month, min(day, monthrange(year, month)[1]))


def _later(day: date, months: int) -> date:
    """The same day so many months later, or the last one of a shorter month."""
    years, month = divmod(day.month - 1 + months, 12)
    year = day.year + years
    return date(year, month + 1, min(day.day, monthrange(year, month + 1)[1]))
