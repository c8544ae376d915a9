"""From counts to tables in which nobody can be seen.

Two rules. Cells under five are merged into "Übrige", whose sum is given only if every one of them can still be anything
from 0 to 4. Everything that overlaps with another table is rounded.
"""

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from bot.review.release import OTHERS, Cell, Kind, Row, Table
from bot.store import Count
from knowledge.model import DANGER, Audience, Pack

SMALLEST = 5  # requests an exact cell holds at least
UNKNOWN = "unknown"
AUDIENCES = (*(audience.value for audience in Audience), UNKNOWN)
REQUESTS = "requests"
OUTCOMES = ("not-understood", "helped", "not-helped")
ALL = "*"

Place = tuple[str, str, str]
"""Where a cell stands: table, row, column; ALL for every row or column."""

Cells = Mapping[tuple[str, str], int]


@dataclass(frozen=True, slots=True)
class Lists:
    """The closed lists of one region, as everybody can read them in its pack.

    *firsts*: concern, audience → the actors that may be named first.
    """

    concerns: tuple[str, ...]
    firsts: Mapping[tuple[str, str], frozenset[str]]

    def possible(self, concern: str, audience: str) -> bool:
        """Whether anybody can be referred: everybody sees in the pack that the other cells are zero."""
        return bool(self.firsts.get((concern, audience), True))


def lists(pack: Pack) -> Lists:
    """The lists of *pack*. Acute danger is no concern here: it is counted apart, once a year."""
    firsts = {}
    for concern in pack.concerns:
        per_audience = pack.referrals.get(concern, {})
        for audience in AUDIENCES:
            asked = Audience.PARENT if audience == UNKNOWN else Audience(audience)  # as handlers.refer decides
            names = set()
            for entry in per_audience.get(asked, ()):
                names.add(entry.actor)
                if not entry.when and not pack.actors[entry.actor].eligibility:
                    break
            firsts[concern, audience] = frozenset(names)
    return Lists(tuple(concern for concern in pack.concerns if concern != DANGER), firsts)


def rounded(n: int) -> int:
    """0, 5 for 1 to 7, else the nearest ten: the rule of the European statistical office."""
    return 0 if n == 0 else 5 if n <= 7 else (n + 5) // 10 * 10


def window(value: int) -> tuple[int, int]:
    """The least and the greatest number that is rounded to *value*."""
    return {0: (0, 0), 5: (1, 7), 10: (8, 14)}.get(value, (value - 5, value + 4))


def slack(cells: int, total: int) -> bool:
    """Whether *total* may be given for that many merged cells: each can still be any number from 0 to 4."""
    return SMALLEST <= total <= (SMALLEST - 1) * (cells - 1)


def requests(counts: Iterable[Count]) -> list[Count]:
    """The counts of answered requests: somebody was referred, and not for acute danger."""
    return [count for count in counts if count.outcome == "referred" and count.concern != DANGER]


def of_period(
    counts: Sequence[Count], weeks: Sequence[str], known: Lists, hidden: frozenset[Place]
) -> tuple[Table, ...]:
    """The tables of a month or a quarter; the cells at *hidden* are not given."""
    asked = requests(counts)
    concerns = concerns_table(by_concern(asked), known, hidden)
    return (
        concerns,
        _listed("weeks", Counter(dict.fromkeys(weeks, 0)), asked, "week", frozenset()),
        _listed("channels", Counter(), asked, "channel", hidden),
        actors_table(counts, concerns, hidden),
        _outcomes(counts),
        _questions(counts),
        _facts(counts),
    )


def of_year(counts: Sequence[Count], known: Lists, hidden: frozenset[Place]) -> tuple[Table, ...]:
    """The tables of a year: everything rounded, and how often the emergency numbers were shown."""
    cells = by_concern(requests(counts))
    rows = tuple(
        Row(
            concern,
            tuple(_round(cells[concern, audience], ("concerns", concern, audience), hidden) for audience in AUDIENCES),
        )
        for concern in _order(cells, known)
    )
    shown = sum(count.n for count in counts if count.outcome == "crisis-shown")
    crisis = Table("crisis", (REQUESTS,), (Row("crisis-shown", (Cell(Kind.ROUNDED, rounded(shown)),)),))
    return Table("concerns", AUDIENCES, rows), crisis


def by_concern(asked: Iterable[Count]) -> Counter[tuple[str, str]]:
    """Requests by concern and audience."""
    cells: Counter[tuple[str, str]] = Counter()
    for count in asked:
        cells[count.concern, _audience(count)] += count.n
    return cells


def concerns_table(cells: Cells, known: Lists, hidden: frozenset[Place]) -> Table:
    """Concern × audience: exact from five on, the others merged."""
    order = _order(cells, known)
    whole = ("concerns", ALL, ALL) in hidden
    rows = [Row(concern, tuple(_exact(cells.get((concern, who), 0), whole) for who in AUDIENCES)) for concern in order]
    others = []
    for column, who in enumerate(AUDIENCES):
        merged = [
            cells.get((row.id, who), 0)
            for row in rows
            if row.cells[column].kind is Kind.MERGED and known.possible(row.id, who)
        ]
        given = slack(len(merged), sum(merged)) and not whole and ("concerns", OTHERS, who) not in hidden
        others.append(Cell(Kind.MERGED, sum(merged) if given else None))
    return Table("concerns", AUDIENCES, (*rows, Row(OTHERS, tuple(others))))


def shown_cells(concerns: Table) -> dict[tuple[str, str], int]:
    """The exact cells of a table of concerns."""
    return {
        (row.id, audience): cell.value
        for row in concerns.rows
        for audience, cell in zip(concerns.columns, row.cells, strict=True)
        if cell.kind is Kind.EXACT and cell.value is not None
    }


def actors_table(counts: Iterable[Count], concerns: Table, hidden: frozenset[Place]) -> Table:
    """Requests by actor, of the exact cells of *concerns* only: an actor is often the only one for a rare concern."""
    shown = shown_cells(concerns)
    visible = [count for count in requests(counts) if (count.concern, _audience(count)) in shown]
    return _listed("actors", Counter(), visible, "actor", hidden)


def _exact(n: int, whole: bool) -> Cell:
    return Cell(Kind.EXACT, n) if n >= SMALLEST and not whole else Cell(Kind.MERGED, None)


def _round(n: int, place: Place, hidden: frozenset[Place]) -> Cell:
    table, row, column = place
    if hidden & {place, (table, row, ALL), (table, ALL, column), (table, ALL, ALL)}:
        return Cell(Kind.ROUNDED, None)
    return Cell(Kind.ROUNDED, rounded(n))


def _listed(table: str, found: Counter[str], counts: Iterable[Count], field: str, hidden: frozenset[Place]) -> Table:
    """One rounded number for each value of *field* that was counted, in the order of the values."""
    if (table, ALL, ALL) in hidden:
        return Table(table, (REQUESTS,), ())
    for count in counts:
        found[getattr(count, field)] += count.n
    rows = (Row(name, (_round(found[name], (table, name, REQUESTS), hidden),)) for name in sorted(found))
    return Table(table, (REQUESTS,), tuple(rows))


def _outcomes(counts: Iterable[Count]) -> Table:
    found = Counter(dict.fromkeys(OUTCOMES, 0))
    for count in counts:
        if count.outcome in found:
            found[count.outcome] += count.n
    return _rounded_rows("outcomes", (REQUESTS,), {(name, REQUESTS): found[name] for name in OUTCOMES}, OUTCOMES)


def _questions(counts: Iterable[Count]) -> Table:
    found: Counter[tuple[str, str]] = Counter()
    for count in counts:
        kind, _, question = count.outcome.partition(":")
        if kind == "dropped-at":
            found[question, REQUESTS] += count.n
    return _rounded_rows("questions", (REQUESTS,), found, sorted({row for row, _ in found}))


def _facts(counts: Iterable[Count]) -> Table:
    found: Counter[tuple[str, str]] = Counter()
    for count in counts:
        kind, _, fact = count.outcome.partition(":")
        if kind == "wrong":
            found[count.actor, fact] += count.n
    return _rounded_rows("facts", sorted({fact for _, fact in found}), found, sorted({actor for actor, _ in found}))


def _rounded_rows(table: str, columns: Sequence[str], cells: Cells, rows: Sequence[str]) -> Table:
    made = (
        Row(row, tuple(Cell(Kind.ROUNDED, rounded(cells.get((row, column), 0))) for column in columns)) for row in rows
    )
    return Table(table, tuple(columns), tuple(made))


def _order(cells: Cells, known: Lists) -> tuple[str, ...]:
    """The concerns of the pack in its order; then those that only older packs knew."""
    return (*known.concerns, *sorted({concern for concern, _ in cells} - set(known.concerns)))


def _audience(count: Count) -> str:
    return count.audience or UNKNOWN
