"""What has to be asked again: the facts that are due, overdue or were never confirmed, by actor, with file and line."""

from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date
from itertools import groupby

from knowledge import freshness
from knowledge.folders import chain
from knowledge.freshness import State
from knowledge.load import Examined
from knowledge.model import Fact, Pack
from knowledge.resolve import Resolver

CONTACT = frozenset({"phone", "email", "web", "address", "hours"})
SHOWN = 70  # characters of a value in a list


@dataclass(frozen=True, slots=True)
class Due:
    """A fact that should be confirmed, and where it stands. *regions* show it."""

    actor: str
    name: str
    fact: Fact
    state: State
    place: str
    regions: tuple[str, ...]


def due(examined: Examined, regions: Sequence[str], today: date) -> list[Due]:
    """Every fact of *regions* that is not fresh; actor by actor, in an actor the worst first, none twice."""
    found: dict[tuple[str, str], Due] = {}
    for region in regions:
        for one in _of_region(examined, region, today):
            known = found.get((one.place, one.fact.value))
            shared = (*known.regions, region) if known else one.regions
            found[one.place, one.fact.value] = Due(one.actor, one.name, one.fact, one.state, one.place, shared)
    return sorted(found.values(), key=lambda one: (one.actor, list(State).index(one.state)))


def _of_region(examined: Examined, region: str, today: date) -> Iterator[Due]:
    resolver = Resolver(chain(examined.folders, region)[0])
    pack = resolver.pack()
    for one in freshness.aged(pack, today):
        if one.state is not State.FRESH:
            document, at = resolver.places[f"actor/{one.actor.id}"]
            place = f"{document.file}:{document.line((*at, 'facts', one.index))}"
            yield Due(one.actor.id, one.actor.name, one.fact, one.state, place, (region,))


def counts(pack: Pack, today: date) -> Counter[State]:
    """How many contact facts of *pack* are how fresh."""
    return Counter(one.state for one in freshness.aged(pack, today) if one.fact.kind in CONTACT)


def told(found: Sequence[Due]) -> str:
    """The list to read: the command that confirms an actor, then its facts."""
    lines = []
    for actor, facts in groupby(found, key=lambda one: one.actor):
        every = list(facts)
        lines.append(f"{actor} ({every[0].name}): schullotse confirm {actor}")
        lines += [f"  {one.place}: {one.state}, {_as_of(one.fact)}: {_fact(one.fact)}" for one in every]
    n = Counter(one.state for one in found)
    total = ", ".join(f"{n[state]} {state}" for state in State if n[state])
    return "\n".join([*lines, f"{total}; confirm each with its office" if total else "Every fact is fresh."])


def rows(found: Sequence[Due]) -> list[dict[str, object]]:
    """The list for other programs."""
    return [
        {
            "actor": one.actor,
            "kind": one.fact.kind,
            "label": one.fact.label,
            "value": one.fact.value,
            "as_of": one.fact.as_of,
            "state": one.state.value,
            "place": one.place,
            "regions": list(one.regions),
        }
        for one in found
    ]


def _as_of(fact: Fact) -> str:
    return "without a date" if fact.as_of == "unknown" else f"as of {fact.as_of}"


def _fact(fact: Fact) -> str:
    value = fact.value if len(fact.value) <= SHOWN else fact.value[:SHOWN] + "…"
    return f"{fact.kind} {f'({fact.label}) ' if fact.label else ''}{value}"
