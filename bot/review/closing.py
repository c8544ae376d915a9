"""Closing a period: build its tables, let the attacker try, give less where something shows, freeze what is safe."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from enum import StrEnum

from bot.review import period as calendar
from bot.review.audit import Finding, audit, related
from bot.review.release import DEMO, OTHERS, Release, Running
from bot.review.tables import ALL, AUDIENCES, REQUESTS, Lists, Place, of_period, of_year, requests, rounded
from bot.store import Count

THIN = 200  # requests: a month with fewer would show less than half of them as exact numbers; benchmarks/review.py
TRIES = 40  # each gives less than the one before; a year needs the most, and none needed ten


class Rhythm(StrEnum):
    """How often a region publishes."""

    MONTH = "month"
    QUARTER = "quarter"


class RefusedError(Exception):
    """A period cannot be closed now; the message says why."""


@dataclass(frozen=True, slots=True)
class Due:
    """A period that can be closed, with the weeks it will count."""

    period: str
    weeks: tuple[str, ...]


def weekly(counts: Iterable[Count]) -> dict[str, int]:
    """Requests by week; only weeks with any count at all."""
    weeks: dict[str, int] = {}
    for count in counts:
        weeks[count.week] = weeks.get(count.week, 0)
    for count in requests(counts):
        weeks[count.week] += count.n
    return weeks


def thin(weeks: Sequence[str], totals: Mapping[str, int]) -> bool:
    """Whether a month waits for its quarter: its published, rounded week totals add up to less than 200.

    Only published numbers decide, so that the decision itself tells nothing.
    """
    return sum(rounded(totals.get(week, 0)) for week in weeks) < THIN


def due(totals: Mapping[str, int], releases: Sequence[Release], rhythm: Rhythm, today: date) -> tuple[Due, ...]:
    """The periods of one region that are over and not yet closed, in the order in which they are to be closed.

    A quarter counts the weeks its months have not released; a year is closed when all its weeks are.
    *totals*: requests by week, from the first counted week on.
    """
    if not totals:
        return ()
    start = _start(totals)
    released = {release.period for release in releases}
    covered = {week for release in releases if not calendar.is_year(release.period) for week in release.weeks}
    found = []
    for period in calendar.periods(calendar.between(start, calendar.week_of(today))):
        weeks = tuple(week for week in calendar.weeks_of(period) if week >= start)
        if calendar.is_year(period):
            weeks = weeks if covered.issuperset(weeks) else ()
        else:
            weeks = tuple(week for week in weeks if week not in covered)
        waits = calendar.is_month(period) and (rhythm is Rhythm.QUARTER or thin(weeks, totals))
        if period not in released and weeks and not waits and calendar.finished(period, today):
            found.append(Due(period, weeks))
            covered.update(weeks)
    return tuple(found)


def close(what: Due, region: str, counts: Sequence[Count], history: Sequence[Release], known: Lists) -> Release:
    """The release of *what*: audited together with *history*, all releases of the region in all versions.

    *counts* are those of its weeks. RefusedError if nobody could make it safe.
    """
    hidden: frozenset[Place] = frozenset()
    for _ in range(TRIES):
        if calendar.is_year(what.period):
            tables = of_year(counts, known, hidden)
        else:
            tables = of_period(counts, what.weeks, known, hidden)
        made = Release(region, what.period, 1, what.weeks, tables, synthetic(counts))
        findings = attacked(made, history, known)
        if not findings:
            return made
        less = frozenset(place for finding in findings for place in _give_less(finding, made, hidden))
        if less <= hidden:
            break
        hidden |= less
    raise RefusedError(f"{region} {what.period} is not released, because one person could be seen: {findings[0]}")


def attacked(made: Release, history: Sequence[Release], known: Lists) -> list[Finding]:
    """What the attacker finds out from *made* and all that overlaps with it. RefusedError if there is no telling."""
    try:
        return audit(related(made, history), known)
    except ArithmeticError as error:
        raise RefusedError(f"{made.region} {made.period} is not released, because there is no proof: {error}") from None


def running(region: str, counts: Sequence[Count], releases: Iterable[Release], today: date) -> Running:
    """The weeks that are over and not yet released, with their requests, rounded. Nothing finer is ever shown.

    A week that is not over is left out: watching it change would show single requests. Released later, these numbers
    are the same.
    """
    totals = weekly(counts)
    covered = {week for release in releases for week in release.weeks}
    weeks = calendar.between(_start(totals), calendar.week_of(today)) if totals else ()
    left = [week for week in weeks if week not in covered and calendar.over(week, today)]
    return Running(region, tuple((week, rounded(totals.get(week, 0))) for week in left), synthetic(counts))


def synthetic(counts: Iterable[Count]) -> bool:
    """Whether example data are among *counts*."""
    return any(count.channel.startswith(DEMO) for count in counts)


def _start(totals: Mapping[str, int]) -> str:
    """The first week of the month in which counting began."""
    return calendar.weeks_of(calendar.month_of(min(totals)))[0]


def _give_less(finding: Finding, made: Release, hidden: frozenset[Place]) -> list[Place]:
    """The next cells to be left out because of *finding*: the smallest loss that has not been tried."""
    if calendar.is_year(made.period):
        own = [("concerns", finding.row, finding.column)] if finding.table == "concerns" else []
        steps = [own, [("concerns", ALL, finding.column)] if own else [], [("concerns", ALL, ALL)]]
    elif finding.table in {"actors", "channels"}:
        steps = [[(finding.table, finding.row, REQUESTS)], [(finding.table, ALL, ALL)]]
    else:
        steps = [
            [("channels", ALL, ALL)],
            [("concerns", OTHERS, audience) for audience in AUDIENCES],
            [("concerns", ALL, ALL)],
        ]
    return next((step for step in steps if step and not hidden.issuperset(step)), [])
