"""The gap map: what was asked, against who is named, reachable and up to date. Numbers come from releases only."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from datetime import date, datetime, time, timedelta
from enum import StrEnum

from bot.review.number import Number
from handlers.refer import responsible
from knowledge import freshness
from knowledge.freshness import State
from knowledge.hours import Open, status
from knowledge.model import OUT_OF_SCOPE, UNSURE, Audience, Pack

SLOTS = tuple((day, hour) for day in range(5) for hour in (10, 15))  # a morning and an afternoon of each working day
ASKS = (Audience.TEACHER, Audience.PARENT, Audience.STUDENT)  # coordinators know each other
HELPLINE = "notruf"  # how the ids of the national lines begin: they are there for everybody, but not for the case
OWN_SCHOOL = "eigene-schule"
DIRECT = frozenset({"phone", "email"})  # ways to reach somebody


class Kind(StrEnum):
    """What is missing, in the order of weight."""

    NOBODY = "nobody"  # nobody is named at all
    NOBODY_FOR = "nobody-for"  # nobody is left with a certain answer
    CLOSED = "closed"  # at certain times nobody of those named is there
    NO_CONTACT = "no-contact"  # an office that can neither be called nor written to
    NO_PHONE = "no-phone"
    NO_HOURS = "no-hours"
    OLD = "old"  # its contact is overdue


@dataclass(frozen=True, slots=True)
class Demand:
    """Released numbers of requests. What is not in a mapping was not published: it may be nothing or little."""

    cells: Mapping[tuple[str, str], Number] = field(default_factory=dict)  # (concern, audience)
    concerns: Mapping[str, Number] = field(default_factory=dict)
    actors: Mapping[str, Number] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Gap:
    """One line of the map. *n* None: no number is published for it. *detail* are ids: options, or times "0-15"."""

    kind: Kind
    n: Number | None
    concern: str = ""
    audience: str = ""
    actor: str = ""
    detail: tuple[str, ...] = ()


class Answer(StrEnum):
    """How well a request can be answered, the worst first."""

    NOBODY = "nobody"  # nobody is named
    UNREACHABLE = "unreachable"  # nobody of those named can be called or written to
    FIRST = "first"  # the first one cannot
    REACHABLE = "reachable"


@dataclass(frozen=True, slots=True)
class Spot:
    """One place of the map: how many offices are *named*, how many of them can be called or written to."""

    n: Number | None
    answer: Answer
    named: int
    reachable: int


def gaps(pack: Pack, demand: Demand, today: date) -> tuple[Gap, ...]:
    """All gaps: those that were asked for most come first, those without a published number last."""
    found = [gap for concern in pack.concerns if concern != OUT_OF_SCOPE for gap in _of_concern(pack, concern, demand)]
    found += _of_actors(pack, demand, today)
    order = list(Kind)
    return tuple(
        sorted(found, key=lambda gap: (gap.n is None, -(gap.n.n if gap.n else 0), order.index(gap.kind), gap.concern))
    )


def spots(pack: Pack, concern: str, demand: Demand) -> tuple[Spot, ...]:
    """What those who ask about *concern* find, for each of ASKS."""
    return tuple(_spot(pack, concern, audience, demand) for audience in ASKS)


def _spot(pack: Pack, concern: str, audience: Audience, demand: Demand) -> Spot:
    named = [pack.actors[entry.actor] for entry in pack.referrals.get(concern, {}).get(audience, ())]
    reach = [actor.id == OWN_SCHOOL or any(actor.of_kind(kind) for kind in DIRECT) for actor in named]
    if not named:
        answer = Answer.NOBODY
    elif not any(reach):
        answer = Answer.UNREACHABLE
    else:
        answer = Answer.REACHABLE if reach[0] else Answer.FIRST
    return Spot(demand.cells.get((concern, audience.value)), answer, len(named), sum(reach))


def _of_concern(pack: Pack, concern: str, demand: Demand) -> Iterator[Gap]:
    for audience in ASKS:
        n = demand.cells.get((concern, audience.value))
        entries = pack.referrals.get(concern, {}).get(audience, ())
        if not entries:
            yield Gap(Kind.NOBODY, n, concern, audience.value)
            continue
        alone = tuple(_deserted(pack, concern, audience))
        if alone:
            yield Gap(Kind.NOBODY_FOR, n, concern, audience.value, detail=alone)
    yield from _of_week(pack, concern, demand)


def _deserted(pack: Pack, concern: str, audience: Audience) -> Iterator[str]:
    """ "question/option" of every single answer with which nobody is left."""
    for question in pack.questions.values():
        for option in question.options:
            if option.id != UNSURE and not responsible(pack, concern, audience, {question.id: option.id}):
                yield f"{question.id}/{option.id}"


def _of_week(pack: Pack, concern: str, demand: Demand) -> Iterator[Gap]:
    """Times of a working week at which none of those named is there; help lines are no substitute."""
    lists = pack.referrals.get(concern, {})
    named = {entry.actor for audience in ASKS for entry in lists.get(audience, ())}
    offices = [pack.actors[name] for name in named if not name.startswith(HELPLINE)]
    n = demand.concerns.get(concern)
    lines = [fact.opens for actor in offices for fact in actor.of_kind("hours") if fact.opens]
    if not lines:  # each office without hours is a gap of its own
        return
    closed = tuple(f"{day}-{hour}" for day, hour in SLOTS if not any(_open(line, day, hour) for line in lines))
    if closed:
        yield Gap(Kind.CLOSED, n, concern, detail=closed)


def _open(lines: tuple[str, ...], day: int, hour: int) -> bool:
    monday = date(2024, 1, 1)
    at = datetime.combine(monday + timedelta(days=day), time(hour))
    return isinstance(status(lines, at, frozenset()), Open)


def _of_actors(pack: Pack, demand: Demand, today: date) -> Iterator[Gap]:
    for actor in pack.actors.values():
        n = demand.actors.get(actor.id)
        if n is None or actor.id == OWN_SCHOOL:  # everybody has another one
            continue
        contacts = [fact for kind in DIRECT for fact in actor.of_kind(kind)]
        if not contacts:
            yield Gap(Kind.NO_CONTACT, n, actor=actor.id)
        elif not actor.of_kind("phone"):
            yield Gap(Kind.NO_PHONE, n, actor=actor.id)
        if not actor.of_kind("hours"):
            yield Gap(Kind.NO_HOURS, n, actor=actor.id)
        old = [fact for fact in contacts if freshness.of(fact, pack, today) in {State.OVERDUE, State.NEVER}]
        if old:
            yield Gap(Kind.OLD, n, actor=actor.id, detail=tuple(dict.fromkeys(fact.as_of for fact in old)))
