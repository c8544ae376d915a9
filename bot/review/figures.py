"""From released tables to figures a page can show: lines with their sums, honest about what was not given. Pure."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from functools import cache

from bot.review.gaps import Demand
from bot.review.number import How, Number
from bot.review.period import is_month, is_year, weeks_of
from bot.review.release import OTHERS, Cell, Kind, Release, Table, newest

RECENT = 26  # weeks in a trend: half a year


@dataclass(frozen=True, slots=True)
class Line:
    """One row of a table; *total* is None if none of its cells was given."""

    id: str
    cells: tuple[Cell, ...]
    total: Number | None


def total(cells: Iterable[Cell]) -> Number | None:
    """The sum of *cells*, and what it is worth. Nothing given: None."""
    held = list(cells)
    given = [cell.value for cell in held if cell.value is not None]
    if not given:
        return None
    if len(given) < len(held):
        return Number(sum(given), How.LEAST)
    rough = any(cell.kind is Kind.ROUNDED and cell.value for cell in held)
    return Number(sum(given), How.ABOUT if rough else How.EXACT)


def lines(release: Release, table_id: str) -> tuple[Line, ...]:
    """The rows of a table in their order; empty if the release does not have it."""
    table = release.table(table_id)
    return tuple(Line(row.id, row.cells, total(row.cells)) for row in table.rows) if table else ()


def by_size(found: Sequence[Line]) -> list[Line]:
    """The largest first, "Übrige" and what was not given last."""
    return sorted(found, key=lambda line: (line.id == OTHERS, -(line.total.n if line.total else -1)))


def shown(found: Sequence[Line]) -> list[Line]:
    """Those with a number above zero, the largest first."""
    return [line for line in by_size(found) if line.total and line.total.n]


def requests(release: Release) -> Number | None:
    """How many requests the release counts: the sum of the concerns if all of it is given, else that of the weeks."""
    table = release.table("concerns")
    exact = total(cell for column in _columns(table) for cell in column) if table else None
    if exact is not None and exact.how is How.EXACT:
        return exact
    return total(cell for line in lines(release, "weeks") for cell in line.cells) or exact


def columns(release: Release) -> dict[str, Number | None]:
    """The requests of each audience."""
    table = release.table("concerns")
    return dict(zip(table.columns, map(total, _columns(table)), strict=True)) if table else {}


def _columns(table: Table) -> list[list[Cell]]:
    """The cells of each column; a merged cell counts only through its "Übrige"."""
    found = []
    for index in range(len(table.columns)):
        given = [row.cells[index] for row in table.rows if row.id != OTHERS]
        merged = [cell for cell in given if cell.kind is Kind.MERGED]
        others = [row.cells[index] for row in table.rows if row.id == OTHERS]
        found.append(
            [*(cell for cell in given if cell.kind is not Kind.MERGED), *((others or merged) if merged else ())]
        )
    return found


def of_row(release: Release, table_id: str, row_id: str) -> Number | None:
    return next((line.total for line in lines(release, table_id) if line.id == row_id), None)


def demand(release: Release) -> Demand:
    """What the gap map may know."""
    table = release.table("concerns")
    cells = {
        (row.id, audience): number
        for row in (table.rows if table else ())
        for audience, cell in zip(table.columns if table else (), row.cells, strict=True)
        if row.id != OTHERS and (number := total([cell])) and number.n
    }
    concerns = {line.id: line.total for line in shown(lines(release, "concerns")) if line.total}
    actors = {line.id: line.total for line in shown(lines(release, "actors")) if line.total}
    return Demand(cells, concerns, actors)


def offered(releases: Sequence[Release]) -> tuple[Release, ...]:
    """The newest version of every release, the latest first; of those that end together the shortest first."""
    return tuple(sorted(newest(releases), key=lambda one: (_last(one), -len(one.weeks)), reverse=True))


def _last(release: Release) -> str:
    return release.weeks[-1]


@cache
def span(period: str) -> int:
    """How many weeks *period* has."""
    return len(weeks_of(period))


def whole(release: Release) -> bool:
    """Whether it counts every week of its period: a quarter leaves out what its months have released."""
    return len(release.weeks) == span(release.period)


def alike(releases: Sequence[Release], release: Release) -> tuple[Release, ...]:
    """Whole periods of the same length up to that of *release*, oldest first, at most twelve; empty if it is a part."""
    kinds = (is_year(release.period), is_month(release.period))
    same = [one for one in newest(releases) if (is_year(one.period), is_month(one.period)) == kinds and whole(one)]
    found = [one for one in sorted(same, key=_last) if _last(one) <= _last(release)]
    return tuple(found[-12:]) if whole(release) else ()


def recent_weeks(releases: Sequence[Release], release: Release) -> list[Line]:
    """Requests a week up to the end of *release*, from all releases; the last half year."""
    found = {
        line.id: line
        for one in newest(releases)
        if one.synthetic == release.synthetic
        for line in lines(one, "weeks")
        if line.id <= _last(release)
    }
    return [found[week] for week in sorted(found)][-RECENT:]
