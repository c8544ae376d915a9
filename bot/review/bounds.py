"""What follows from sums: between which whole numbers a hidden one must lie, if all published sums are true.

A linear program for each question, answered by HiGHS. Hidden numbers that occur in the same sums with the same limits
cannot be told apart, so they are one variable; sums that share no number are asked about together.
"""

from collections import defaultdict
from collections.abc import Hashable, Iterable, Sequence
from dataclasses import dataclass, field
from math import inf  # only for "nothing seen yet"
from typing import Any

WIDE = 5  # values that must remain possible
PATIENCE = 4  # fruitless rounds before the rest is asked one by one
FEW = 16  # the range of a rounded number is smaller; larger weights would cost precision
MANY = 10**8  # more requests than any period has: the limit of a number that has none
Solution = Sequence[float]
Name = tuple[str, int, str, str, str]
"""Period and version of a release, table, row, column."""


class MissingError(Exception):
    """The library of the audit is not installed; the message says how to get it."""


@dataclass(slots=True)
class Unknowns:
    """Whole numbers with limits, and sums of them that are zero. A number with a name is one that must stay open."""

    low: list[float] = field(default_factory=list)
    high: list[float] = field(default_factory=list)
    names: list[Name | None] = field(default_factory=list)
    sums: list[list[tuple[int, int]]] = field(default_factory=list)

    def add(self, low: float, high: float, name: Name | None = None) -> int:
        self.low.append(low)
        self.high.append(high)
        self.names.append(name)
        return len(self.low) - 1

    def limit(self, number: int, low: float, high: float) -> None:
        self.low[number] = max(self.low[number], low)
        self.high[number] = min(self.high[number], high)

    def equal(self, total: int, parts: Iterable[int]) -> None:
        """The *parts* add up to *total*."""
        self.sums.append([(total, -1), *((part, 1) for part in parts)])


@dataclass(frozen=True, slots=True)
class Narrow:
    """A number that could be 1 to 4, and is known too well: it lies between *low* and *high*."""

    name: Name
    low: int
    high: int


def narrow(unknowns: Unknowns) -> list[Narrow] | None:
    """The named numbers that may be 1 to 4 and have fewer than five possible values; None if the sums contradict."""
    if any(low > high for low, high in zip(unknowns.low, unknowns.high, strict=True)):
        return None
    return _Search(unknowns).run()


@dataclass(slots=True)
class _Class:
    """Numbers that cannot be told apart, as one variable: their sum. *least* and *most* are what one was seen to be."""

    members: list[int]
    low: float
    high: float
    rows: tuple[tuple[int, int], ...]
    component: int = 0
    least: float = inf
    most: float = -inf
    asked: int = 0  # directions answered exactly

    @property
    def size(self) -> int:
        return len(self.members)

    def see(self, total: float) -> None:
        others = self.size - 1
        self.least = min(self.least, max(self.low, total - others * self.high))
        self.most = max(self.most, min(self.high, total - others * self.low))

    @property
    def wide(self) -> bool:
        return self.most - self.least >= WIDE - 1


class _Search:
    def __init__(self, unknowns: Unknowns) -> None:
        self._names = unknowns.names
        self._classes = _classes(unknowns)
        self._program = _Program(self._classes, len(unknowns.sums))

    def run(self) -> list[Narrow] | None:
        open_ones = [one for one in self._classes if self._matters(one)]
        if self._see({}) is None:
            return None
        self._look(open_ones)
        while targets := self._targets(open_ones):
            self._ask(targets, open_ones)
        return [
            Narrow(name, round(one.least), round(one.most))
            for one in open_ones
            if not one.wide and one.most >= 1 and one.least < WIDE
            for member in one.members
            if (name := self._names[member]) is not None
        ]

    def _matters(self, one: _Class) -> bool:
        return self._names[one.members[0]] is not None and one.high >= 1 and one.low < WIDE

    def _look(self, open_ones: list[_Class]) -> None:
        """Many at once, as long as that helps: most numbers show five values without being asked alone."""
        patience, still = PATIENCE, [one for one in open_ones if not one.wide]
        while still and patience:
            for sign in (1, -1):
                self._see({id(one): float(sign * (1 + (rank * patience) % 3)) for rank, one in enumerate(still)})
            before, still = len(still), [one for one in still if not one.wide]
            patience = PATIENCE if len(still) < before else patience - 1

    def _ask(self, targets: list[_Class], open_ones: list[_Class]) -> None:
        """The exact limits of *targets*; what else is not known to be wide may show itself on the way."""
        sign = 1 if targets[0].asked == 0 else -1
        others = [one for one in open_ones if not one.wide and one.asked < 2 and one.high - one.low < FEW]
        weights: dict[int, float] = {id(one): sign for one in others}
        most = 1 + sum(one.size * (one.high - one.low) for one in others)
        for one in targets:
            weights[id(one)] = sign * most
            one.asked += 1
        self._see(weights)

    def _targets(self, open_ones: list[_Class]) -> list[_Class]:
        """One number of each independent part, all in the same direction: their answers do not disturb each other."""
        targets: dict[int, _Class] = {}
        for one in open_ones:
            if not one.wide and one.asked < 2:
                targets.setdefault(one.component, one)
        found = list(targets.values())
        return [one for one in found if one.asked == found[0].asked]

    def _see(self, weights: dict[int, float]) -> Solution | None:
        solution = self._program.best([weights.get(id(one), 0) for one in self._classes])
        if solution is not None:
            for one, total in zip(self._classes, solution, strict=True):
                one.see(total)
        return solution


class _Program:
    """The linear program over classes; asked again and again for other directions."""

    def __init__(self, classes: list[_Class], sums: int) -> None:
        optimize, sparse, csgraph = _scipy()
        entries = [(row, column, sign) for column, one in enumerate(classes) for row, sign in one.rows]
        rows, columns, signs = zip(*entries, strict=True) if entries else ((), (), ())
        self._matrix = sparse.csr_array((signs, (rows, columns)), shape=(sums, len(classes)))
        self._limits = [(one.size * one.low, one.size * one.high) for one in classes]
        self._solve = optimize.linprog
        links = csgraph.connected_components(self._matrix.T @ self._matrix, directed=False)[1]
        for one, component in zip(classes, links, strict=True):
            one.component = int(component)

    def best(self, weights: Sequence[float]) -> Solution | None:
        """Whole numbers with the greatest weighted sum; None if there are none at all."""
        found = self._solve(
            [-weight for weight in weights],
            A_eq=self._matrix,
            b_eq=[0] * self._matrix.shape[0],
            bounds=self._limits,
            method="highs-ds",
        )
        if found.status == 2:  # infeasible
            return None
        if found.status != 0:
            raise ArithmeticError(f"the linear program ended with status {found.status}")
        if any(abs(value - round(value)) > 1e-6 for value in found.x):  # our sums are networks, whose corners are whole
            raise ArithmeticError("a corner of the system of sums is not a whole number")
        return [float(round(value)) for value in found.x]


def _classes(unknowns: Unknowns) -> list[_Class]:
    rows: list[list[tuple[int, int]]] = [[] for _ in unknowns.low]
    for row, parts in enumerate(unknowns.sums):
        for number, sign in parts:
            rows[number].append((row, sign))
    alike: dict[Hashable, list[int]] = defaultdict(list)
    for number, column in enumerate(rows):
        named = unknowns.names[number] is not None
        alike[named, unknowns.low[number], unknowns.high[number], tuple(column)].append(number)
    return [
        _Class(members, unknowns.low[members[0]], unknowns.high[members[0]], tuple(rows[members[0]]))
        for members in alike.values()
    ]


def _scipy() -> tuple[Any, Any, Any]:
    """Imported only for an audit: it is large, and only closing a period needs it."""
    try:
        from scipy import optimize, sparse  # noqa: PLC0415 - the extra `audit`
        from scipy.sparse import csgraph  # noqa: PLC0415
    except ModuleNotFoundError:
        raise MissingError(
            "the proof of a release needs scipy; install it with: pip install 'schullotse[audit]'"
        ) from None
    return optimize, sparse, csgraph
