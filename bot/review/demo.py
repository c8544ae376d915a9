"""A synthetic year for trying things out and for screenshots. The same seed makes the same counts.

Every count carries a channel that no real one has ("demo-web"), so that releases made from it know what they are.
"""

from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import timedelta
from enum import StrEnum

import numpy as np

from bot.review import period as calendar
from bot.review.release import DEMO
from bot.review.tables import UNKNOWN, lists
from bot.store import Count
from knowledge.model import Audience, Pack, Question

SEED = 20_26
AUDIENCES = dict(zip((*Audience, ""), (0.42, 0.33, 0.17, 0.06, 0.02), strict=True))  # some do not say who they are
CHANNELS = {"web": 0.6, "telegram": 0.25, "matrix": 0.15}
WRONG = ("phone", "email", "web", "address", "hours")  # what a button offers, where an office has it
QUIET = 0.2  # of the usual requests in a week of holidays


class Size(StrEnum):
    """How much a region is asked."""

    SMALL = "small"
    MEDIUM = "medium"
    LARGE = "large"

    @property
    def weekly(self) -> int:
        """Requests in a week of school."""
        return {"small": 20, "medium": 60, "large": 300}[self.value]


@dataclass(frozen=True, slots=True)
class _City:
    """What can be asked in a region, how likely it is, and who is named then."""

    pack: Pack
    cells: tuple[tuple[str, str], ...]
    shares: tuple[float, ...]
    actors: tuple[tuple[str, ...], ...]
    questions: tuple[str, ...]


def counts(pack: Pack, size: Size, weeks: Sequence[str]) -> list[Count]:
    """The counts of *weeks* in the region of *pack*: invented, with holidays, frequent and rare concerns."""
    chance = np.random.default_rng([SEED, *pack.id.encode()])
    city, found = _city(pack), Counter[Count]()
    for week in weeks:
        days = [calendar.thursday(week) + timedelta(days=day) for day in range(-3, 2)]
        busy = QUIET if sum(day in pack.holidays for day in days) > 2 else 1.0
        found.update(_week(chance, city, week, size.weekly * busy))
    return sorted((replace(cell, n=n) for cell, n in found.items()), key=repr)


def _city(pack: Pack) -> _City:
    """Zipf's law over the concerns in the order of the pack; each audience asks about all of them."""
    known = lists(pack)
    shares = {
        (concern, str(audience)): share / rank
        for rank, concern in enumerate(known.concerns, 1)
        for audience, share in AUDIENCES.items()
        if known.firsts.get((concern, audience or UNKNOWN))
    }
    questions = (
        f"{flow.id}/{node.id}"
        for flow in pack.flows.values()
        for node in flow.nodes.values()
        if isinstance(node, Question)
    )
    actors = (tuple(sorted(known.firsts[concern, audience or UNKNOWN])) for concern, audience in shares)
    total = sum(shares.values())
    return _City(
        pack, tuple(shares), tuple(share / total for share in shares.values()), tuple(actors), tuple(questions)
    )


def _week(chance: np.random.Generator, city: _City, week: str, mean: float) -> Iterator[Count]:
    empty = Count(city.pack.id, week, "", "", "", "", "")
    for index in chance.choice(len(city.cells), size=chance.poisson(mean), p=city.shares):
        concern, audience = city.cells[index]
        actor, channel = _actor(chance, city.actors[index]), _channel(chance)
        asked = replace(empty, concern=concern, audience=audience, channel=channel)
        yield replace(asked, actor=actor, outcome="referred")
        if chance.random() < 0.2:
            yield replace(asked, outcome="helped" if chance.random() < 0.8 else "not-helped")
        if chance.random() < 0.01:
            wrong = chance.choice(_wrong(city.pack, actor))
            yield replace(empty, actor=actor, channel=channel, outcome=f"wrong:{wrong}")
    others = {"not-understood": 0.12, "crisis-shown": 0.01}
    others |= {f"dropped-at:{question}": 0.1 / len(city.questions) for question in city.questions}
    for outcome, share in others.items():
        for _ in range(chance.poisson(mean * share)):
            yield replace(empty, channel=_channel(chance), outcome=outcome)


def _wrong(pack: Pack, actor: str) -> list[str]:
    """What people can report about *actor*: what is shown of it, or something else."""
    return [*(kind for kind in WRONG if pack.actors[actor].of_kind(kind)), "other"]


def _actor(chance: np.random.Generator, actors: Sequence[str]) -> str:
    """Mostly the first; others where an answer excludes it."""
    return actors[0] if chance.random() < 0.8 else str(chance.choice(actors))


def _channel(chance: np.random.Generator) -> str:
    return DEMO + str(chance.choice(list(CHANNELS), p=list(CHANNELS.values())))
