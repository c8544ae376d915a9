"""Random histories of requests, closed period by period; and small tables written by hand."""

from collections.abc import Sequence
from datetime import date

import numpy as np

from bot.review import period as calendar
from bot.review.closing import Rhythm, close, due, weekly
from bot.review.release import OTHERS, Cell, Kind, Release, Row, Table
from bot.review.tables import AUDIENCES, REQUESTS, UNKNOWN, Lists
from bot.store import Count

YEAR = calendar.weeks_of("2026")
NEXT_YEAR = date(2027, 1, 20)
EVERYTHING = Lists((), {})  # an attacker who does not know the pack


def history(known: Lists, seed: int, weekly_mean: float, weeks: Sequence[str] = YEAR) -> list[Count]:
    """Requests with few frequent and many rare concerns, audiences, channels; now and then a quiet week."""
    chance = np.random.default_rng(seed)
    cells = [(concern, who) for concern in known.concerns for who in AUDIENCES if known.firsts.get((concern, who))]
    skew = chance.uniform(0.8, 1.4)
    shares = np.array([1 / (1 + known.concerns.index(concern)) ** skew for concern, _ in cells])
    shares *= chance.dirichlet([0.5] * len(AUDIENCES))[[AUDIENCES.index(who) for _, who in cells]]
    channels = chance.dirichlet([0.4] * 3)
    counts = []
    for week in weeks:
        for index in chance.choice(
            len(cells), chance.poisson(weekly_mean * chance.choice([0, 1, 1, 1])), p=shares / shares.sum()
        ):
            concern, who = cells[index]
            actor = str(chance.choice(sorted(known.firsts[concern, who])))
            channel = str(chance.choice(["web", "telegram", "matrix"], p=channels))
            counts.append(Count("dortmund", week, concern, "" if who == UNKNOWN else who, actor, channel, "referred"))
    return counts


def closed(known: Lists, counts: Sequence[Count], rhythm: Rhythm, *, years: bool) -> list[Release]:
    """All releases of the year, in their order."""
    releases: list[Release] = []
    for what in due(weekly(counts), [], rhythm, NEXT_YEAR):
        if years or not calendar.is_year(what.period):
            chosen = [count for count in counts if count.week in what.weeks]
            releases.append(close(what, "dortmund", chosen, releases, known))
    return releases


def asked(week: str, concern: str, n: int, audience: str = "parent", channel: str = "web") -> Count:
    """*n* requests that were answered."""
    return Count("dortmund", week, concern, audience, "kub", channel, "referred", n)


def concerns(values: dict[str, int | None], others: int | None) -> Table:
    """Concerns of parents: exact values, None for merged, and the sum of the merged ones."""
    kinds = {concern: Kind.MERGED if value is None else Kind.EXACT for concern, value in values.items()}
    rows = tuple(Row(concern, (Cell(kinds[concern], value),)) for concern, value in values.items())
    return Table("concerns", ("parent",), (*rows, Row(OTHERS, (Cell(Kind.MERGED, others),))))


def rounded(table: str, values: dict[str, int | None]) -> Table:
    rows = tuple(Row(name, (Cell(Kind.ROUNDED, value),)) for name, value in values.items())
    return Table(table, (REQUESTS,), rows)


def release(period: str, *tables: Table, version: int = 1) -> Release:
    return Release("dortmund", period, version, calendar.weeks_of(period), tables)
