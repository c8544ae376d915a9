"""A release: the tables of one closed period of one region, as they were published. Frozen, hashed, never changed.

Pages and exports read these types and nothing finer. All ids are those of the packs; the words for them are in
bot/review/texts.
"""

import json
from collections.abc import Iterable
from dataclasses import dataclass
from enum import StrEnum
from hashlib import sha256
from typing import Any

OTHERS = "uebrige"
"""The row that holds the sum of the cells that are merged in its column."""

DEMO = "demo-"
"""Channels of example data begin so; no real channel does."""


class Kind(StrEnum):
    """How a cell was made safe."""

    EXACT = "exact"
    ROUNDED = "rounded"  # 0, 5 for 1 to 7, else the nearest ten
    MERGED = "merged"  # part of the row "Übrige"; in that row the sum of the parts


@dataclass(frozen=True, slots=True)
class Cell:
    """One published value. None: the cell is merged, or its number is not given because it would tell too much."""

    kind: Kind
    value: int | None


@dataclass(frozen=True, slots=True)
class Row:
    """One line of a table: an id of the packs, or a week, or OTHERS; a cell for each column."""

    id: str
    cells: tuple[Cell, ...]


@dataclass(frozen=True, slots=True)
class Table:
    """One table. *id* is one of concerns, weeks, channels, actors, outcomes, questions, facts, crisis.

    Columns: audiences (concerns), kinds of facts (facts), or the one column "requests".
    """

    id: str
    columns: tuple[str, ...]
    rows: tuple[Row, ...]

    @property
    def title(self) -> str:
        """Key of the title in the texts."""
        return f"tables.{self.id}.title"

    @property
    def telling(self) -> tuple[Row, ...]:
        """The lines worth reading: a number above zero, or a number that is not given although it is not merged."""
        return tuple(row for row in self.rows if row.id == OTHERS or any(_telling(cell) for cell in row.cells))


@dataclass(frozen=True, slots=True)
class Release:
    """What was published for *region* and *period* ("2026-11", "2026-Q4", "2026").

    *weeks* are the ISO weeks it counts, in order; a quarter counts what its months have not released. A correction is
    a new *version* with the same pattern. *synthetic*: example data, nobody asked.
    """

    region: str
    period: str
    version: int
    weeks: tuple[str, ...]
    tables: tuple[Table, ...]
    synthetic: bool = False

    @property
    def sha256(self) -> str:
        return sha256(body(self).encode()).hexdigest()

    def table(self, table_id: str) -> Table | None:
        return next((table for table in self.tables if table.id == table_id), None)


@dataclass(frozen=True, slots=True)
class Running:
    """The weeks of *region* that are over and in no release yet, with their rounded requests: all that is shown."""

    region: str
    weeks: tuple[tuple[str, int], ...]
    synthetic: bool = False


def body(release: Release) -> str:
    """The release as canonical JSON: the same release has the same bytes, everywhere."""
    return json.dumps(plain(release), ensure_ascii=False, sort_keys=True, separators=(",", ":"))


def plain(release: Release) -> dict[str, Any]:
    """The release as values of JSON; ten times as fast as dataclasses.asdict."""
    tables = [
        {
            "id": table.id,
            "columns": table.columns,
            "rows": [
                {"id": row.id, "cells": [{"kind": cell.kind.value, "value": cell.value} for cell in row.cells]}
                for row in table.rows
            ],
        }
        for table in release.tables
    ]
    return {
        "region": release.region,
        "period": release.period,
        "version": release.version,
        "weeks": release.weeks,
        "tables": tables,
        "synthetic": release.synthetic,
    }


def parse(text: str) -> Release:
    """The release that *text* is the body of."""
    raw: dict[str, Any] = json.loads(text)
    cells: dict[tuple[str, int | None], Cell] = {}
    tables = tuple(_table(table, cells) for table in raw["tables"])
    return Release(raw["region"], raw["period"], raw["version"], tuple(raw["weeks"]), tables, raw["synthetic"])


def newest(releases: Iterable[Release]) -> tuple[Release, ...]:
    """The last version of each region and period, in their order."""
    last: dict[tuple[str, str], Release] = {}
    for release in sorted(releases, key=lambda one: (one.region, one.period, one.version)):
        last[release.region, release.period] = release
    return tuple(last.values())


def _telling(cell: Cell) -> bool:
    return bool(cell.value) or (cell.value is None and cell.kind is Kind.ROUNDED)


def _table(raw: dict[str, Any], cells: dict[tuple[str, int | None], Cell]) -> Table:
    rows = (
        Row(row["id"], tuple(_cell(cell["kind"], cell["value"], cells) for cell in row["cells"])) for row in raw["rows"]
    )
    return Table(raw["id"], tuple(raw["columns"]), tuple(rows))


def _cell(kind: str, value: int | None, cells: dict[tuple[str, int | None], Cell]) -> Cell:
    """Most cells of a release are alike: each is made once."""
    if (kind, value) not in cells:
        cells[kind, value] = Cell(Kind(kind), value)
    return cells[kind, value]
