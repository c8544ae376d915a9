"""The attacker: reads all releases of a region together, knows our rules and the packs, and asks what must be true.

Nothing secret goes in, so everybody can repeat the audit. A cell passes if it cannot be 1 to 4, or if at least five
values remain possible for it. What is proved are the cells of published tables, in all versions, over all periods
that overlap; numbers that no table shows (a concern in one week, say) are not part of it.
"""

from collections import defaultdict
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field

from bot.review import period as calendar
from bot.review.bounds import MANY, WIDE, Name, Narrow, Unknowns, narrow
from bot.review.release import OTHERS, Cell, Kind, Release, Row, Table
from bot.review.tables import SMALLEST, Lists, window

CARRIED = SMALLEST - 1  # a correction may leave a cell as it was published although the count differs by this much


@dataclass(frozen=True, slots=True)
class Finding:
    """A published cell whose count is known too well: it lies between *low* and *high*."""

    period: str
    version: int
    table: str
    row: str
    column: str
    low: int
    high: int

    def __str__(self) -> str:
        where = f"{self.period} version {self.version}, table {self.table}, row {self.row}, column {self.column}"
        return f"{where}: the count must lie between {self.low} and {self.high}"


def audit(releases: Sequence[Release], known: Lists) -> list[Finding]:
    """What the attacker finds out; empty if nobody can be seen. *releases* are of one region, in all versions."""
    found: list[Finding] = []
    last = max((release.version for release in releases), default=0)
    for version in range(1, last + 1):
        seen: dict[str, Release] = {}
        for release in sorted(releases, key=lambda one: one.version):
            if release.version <= version:
                seen[release.period] = release
        for group in _groups(seen.values()):
            found += _attack(group, known)
    return [*dict.fromkeys([*found, *_differences(releases)])]


def related(made: Release, history: Sequence[Release]) -> list[Release]:
    """*made* and all it has to be audited with: releases that share a week with it, or with one of those, and so on."""
    return next(group for group in _groups([made, *history]) if made in group)


def _groups(releases: Iterable[Release]) -> list[list[Release]]:
    """Releases that share weeks belong together. Others share no request: nothing follows from one for another."""
    groups: list[tuple[set[str], list[Release]]] = []
    for release in releases:
        weeks, members = set(release.weeks), [release]
        apart = []
        for group in groups:
            if weeks.isdisjoint(group[0]):
                apart.append(group)
            else:
                weeks |= group[0]
                members = [*group[1], *members]
        groups = [*apart, (weeks, members)]
    return [members for _, members in groups]


def _attack(releases: list[Release], known: Lists) -> list[Finding]:
    """The strongest belief that does not contradict what was published: first the most that an attacker may assume."""
    for beliefs in (_Beliefs(known, few=True), _Beliefs(known, few=False), _Beliefs(None, few=False)):
        found = narrow(_System(releases, beliefs).unknowns)
        if found is not None:
            return [_finding(one) for one in found]
    raise ArithmeticError(f"the releases {', '.join(release.period for release in releases)} contradict each other")


@dataclass(frozen=True, slots=True)
class _Beliefs:
    """What the attacker takes for granted: the pack, and that a sum of merged cells that is not given is under five."""

    known: Lists | None
    few: bool

    def possible(self, concern: str, audience: str) -> bool:
        return self.known is None or self.known.possible(concern, audience)

    def named_first(self, concern: str, audience: str, actor: str) -> bool:
        firsts = self.known.firsts.get((concern, audience)) if self.known else None
        return not firsts or actor in firsts


def _finding(one: Narrow) -> Finding:
    return Finding(*one.name, one.low, one.high)


@dataclass(slots=True)
class _System:
    """The releases as unknowns and sums. Periods are cut into parts, so that those that overlap share their parts."""

    releases: list[Release]
    beliefs: _Beliefs
    unknowns: Unknowns = field(default_factory=Unknowns)
    parts: dict[str, list[int]] = field(default_factory=dict)  # period → its parts
    requests: dict[tuple[int, str, str], int] = field(default_factory=dict)  # part, concern, audience
    part_of: dict[str, int] = field(default_factory=dict)  # week → its part
    weeks: dict[str, int] = field(default_factory=dict)
    totals: dict[int, int] = field(default_factory=dict)  # part → all requests

    def __post_init__(self) -> None:
        self._cut()
        for release in self.releases:
            self._concerns(release)
            self._weeks(release)
        self._totals()
        for release in self.releases:
            self._channels(release)
            self._others(release)

    def _cut(self) -> None:
        holders: dict[str, list[str]] = defaultdict(list)
        for release in self.releases:
            for week in release.weeks:
                holders[week].append(release.period)
        numbers: dict[tuple[str, ...], int] = {}
        for periods in holders.values():
            number = numbers.setdefault(tuple(periods), len(numbers))
            for period in periods:
                if number not in self.parts.setdefault(period, []):
                    self.parts[period].append(number)
        self.part_of = {week: numbers[tuple(periods)] for week, periods in holders.items()}

    def _concerns(self, release: Release) -> None:
        table = release.table("concerns")
        if table is None:
            return
        merged: dict[str, list[int]] = defaultdict(list)
        shown: dict[tuple[str, str], int] = {}
        for row, audience, cell in _cells(table):
            if row.id == OTHERS:
                continue
            number = self._cell(release, row.id, audience)
            low, high = self._limits(release, row.id, audience, cell)
            self.unknowns.limit(number, low, high)
            for part in self.parts[release.period]:
                self.unknowns.limit(self.requests[part, row.id, audience], 0, high)
            if cell.kind is Kind.EXACT:
                shown[row.id, audience] = number
            elif cell.kind is Kind.MERGED:
                merged[audience].append(number)
        for row, audience, cell in _cells(table):
            if row.id == OTHERS and merged[audience]:
                self._sum(release, merged[audience], cell)
        self._actors(release, shown)

    def _cell(self, release: Release, concern: str, audience: str) -> int:
        """The number of requests in a cell of *release*, as a sum of its parts."""
        parts = [self._request(part, concern, audience) for part in self.parts[release.period]]
        name = _name(release, "concerns", concern, audience)
        if len(parts) == 1:
            self.unknowns.names[parts[0]] = name
            return parts[0]
        number = self.unknowns.add(0, MANY, name)
        self.unknowns.equal(number, parts)
        return number

    def _request(self, part: int, concern: str, audience: str) -> int:
        key = (part, concern, audience)
        if key not in self.requests:
            self.requests[key] = self.unknowns.add(0, MANY)
        return self.requests[key]

    def _limits(self, release: Release, concern: str, audience: str, cell: Cell) -> tuple[float, float]:
        if cell.kind is Kind.MERGED:
            if not self.beliefs.possible(concern, audience):
                return 0, 0
            return 0, MANY if calendar.is_year(release.period) else SMALLEST - 1
        return _window(cell, release)

    def _sum(self, release: Release, merged: list[int], cell: Cell) -> None:
        if cell.value is not None:
            self.unknowns.equal(self.unknowns.add(*_window(Cell(Kind.EXACT, cell.value), release)), merged)
        elif self.beliefs.few and not calendar.is_year(release.period):
            self.unknowns.equal(self.unknowns.add(0, SMALLEST - 1), merged)

    def _actors(self, release: Release, shown: dict[tuple[str, str], int]) -> None:
        table = release.table("actors")
        if table is None or not table.rows:
            return
        flows: dict[str, list[int]] = defaultdict(list)
        for (concern, audience), total in shown.items():
            ways = []
            for row in table.rows:
                if self.beliefs.named_first(concern, audience, row.id):
                    ways.append(self.unknowns.add(0, MANY))
                    flows[row.id].append(ways[-1])
            self.unknowns.equal(total, ways)
        for row, column, cell in _cells(table):
            number = self.unknowns.add(*_listed(cell, release), _name(release, "actors", row.id, column))
            self.unknowns.equal(number, flows[row.id])

    def _weeks(self, release: Release) -> None:
        table = release.table("weeks")
        for row, column, cell in _cells(table) if table else ():
            name = _name(release, "weeks", row.id, column)
            if row.id not in self.weeks:
                self.weeks[row.id] = self.unknowns.add(0, MANY, name)
            self.unknowns.limit(self.weeks[row.id], *_window(cell, release))

    def _totals(self) -> None:
        weeks: dict[int, list[int]] = defaultdict(list)
        for week, part in self.part_of.items():
            weeks[part].append(self.weeks[week] if week in self.weeks else self.unknowns.add(0, MANY))
        cells: dict[int, list[int]] = defaultdict(list)
        for (part, _, _), number in self.requests.items():
            cells[part].append(number)
        for part, its_weeks in weeks.items():
            self.totals[part] = self.unknowns.add(0, MANY)
            self.unknowns.equal(self.totals[part], its_weeks)
            self.unknowns.equal(self.totals[part], cells[part])

    def _channels(self, release: Release) -> None:
        table = release.table("channels")
        if table is None or not table.rows:
            return
        rows = [
            self.unknowns.add(*_listed(cell, release), _name(release, "channels", row.id, column))
            for row, column, cell in _cells(table)
        ]
        total = self.unknowns.add(0, MANY)
        self.unknowns.equal(total, rows)
        self.unknowns.equal(total, [self.totals[part] for part in self.parts[release.period]])

    def _others(self, release: Release) -> None:
        """Tables that share no request with any other."""
        for table in release.tables:
            if table.id not in {"concerns", "weeks", "channels", "actors"}:
                for row, column, cell in _cells(table):
                    self.unknowns.add(*_window(cell, release), _name(release, table.id, row.id, column))


def _name(release: Release, table: str, row: str, column: str) -> Name:
    return release.period, release.version, table, row, column


def _cells(table: Table) -> Iterator[tuple[Row, str, Cell]]:
    return ((row, column, cell) for row in table.rows for column, cell in zip(table.columns, row.cells, strict=True))


def _window(cell: Cell, release: Release) -> tuple[float, float]:
    """What a published value says of the count. In a correction, an exact value may be carried over."""
    if cell.value is None:
        return 0, MANY
    if cell.kind is Kind.ROUNDED:
        return window(cell.value)
    carried = CARRIED if release.version > 1 else 0
    return max(0, cell.value - carried), cell.value + carried


def _listed(cell: Cell, release: Release) -> tuple[float, float]:
    """The same in a table that lists only what was counted: a line without a number still says "at least one"."""
    return (1, MANY) if cell.value is None else _window(cell, release)


def _differences(releases: Sequence[Release]) -> Iterator[Finding]:
    """Exact values that changed by one to four between two versions: that change would be known exactly."""
    by_name = {(release.period, release.version): release for release in releases}
    for release in releases:
        before = by_name.get((release.period, release.version - 1))
        values = dict(_exact_values(before)) if before else {}
        for place, value in _exact_values(release):
            if 0 < abs(value - values.get(place, value)) < WIDE:
                change = abs(value - values[place])
                yield Finding(*_name(release, *place), change, change)


def _exact_values(release: Release) -> Iterator[tuple[tuple[str, str, str], int]]:
    for table in release.tables:
        for row, column, cell in _cells(table):
            if cell.kind is not Kind.ROUNDED and cell.value is not None:
                yield (table.id, row.id, column), cell.value
