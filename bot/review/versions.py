"""Corrections: a new version of a release with the same pattern, so that comparing the two reveals nobody.

An exact value changes by five or more, or it stays as it was published.
"""

from collections.abc import Sequence
from dataclasses import replace

from bot.review import period as calendar
from bot.review.closing import RefusedError, attacked
from bot.review.release import OTHERS, Cell, Kind, Release, Row, Table
from bot.review.tables import ALL, SMALLEST, Lists, Place, actors_table, by_concern, of_period, of_year, requests, slack
from bot.store import Count


def correct(counts: Sequence[Count], history: Sequence[Release], period: str, known: Lists) -> Release:
    """The next version of *period*, from the present *counts* of its weeks.

    RefusedError if nothing would change, or if the same pattern would not be safe any more.
    """
    before = max((one for one in history if one.period == period), key=lambda one: one.version, default=None)
    if before is None:
        raise RefusedError(f"{period} is not released yet, so there is nothing to correct")
    tables = _tables(counts, before, known)
    made = replace(before, version=before.version + 1, tables=tables)
    if made.tables == before.tables:
        raise RefusedError(f"{made.region} {period} needs no correction: no published value would change")
    findings = attacked(made, history, known)
    if findings:
        raise RefusedError(f"{made.region} {period} is not corrected, because one person could be seen: {findings[0]}")
    return made


def _tables(counts: Sequence[Count], before: Release, known: Lists) -> tuple[Table, ...]:
    hidden = frozenset(place for table in before.tables for place in _withheld(table))
    if calendar.is_year(before.period):
        return of_year(counts, known, hidden)
    concerns = _concerns(counts, before, known)
    fresh = {table.id: table for table in of_period(counts, before.weeks, known, hidden)}
    fresh["actors"] = actors_table(counts, concerns, hidden)
    fresh["concerns"] = concerns
    return tuple(fresh[table.id] for table in before.tables)


def _withheld(table: Table) -> list[Place]:
    """What was left out, as places. An empty table stays empty."""
    if not table.rows:
        return [(table.id, ALL, ALL)]
    return [
        (table.id, row.id, column)
        for row in table.rows
        for column, cell in _by_column(table, row)
        if cell.value is None and (table.id != "concerns" or row.id == OTHERS)
    ]


def _concerns(counts: Sequence[Count], before: Release, known: Lists) -> Table:
    """The pattern of *before* with the new numbers."""
    table = before.table("concerns")
    if table is None:
        raise RefusedError(f"{before.period} has no table of concerns")
    cells = by_concern(requests(counts))
    merged = {
        who: [
            cells[row.id, who]
            for row in table.rows
            if row.id != OTHERS and row.cells[column].kind is Kind.MERGED and known.possible(row.id, who)
        ]
        for column, who in enumerate(table.columns)
    }
    rows = []
    for row in table.rows:
        values = []
        for who, cell in _by_column(table, row):
            now = sum(merged[who]) if row.id == OTHERS else cells[row.id, who]
            safe = slack(len(merged[who]), now) if row.id == OTHERS else now >= SMALLEST
            values.append(_corrected(cell, now, safe=safe, where=f"{before.period}, row {row.id}, column {who}"))
        rows.append(Row(row.id, tuple(values)))
    return Table(table.id, table.columns, tuple(rows))


def _corrected(cell: Cell, now: int, *, safe: bool, where: str) -> Cell:
    if cell.value is None or abs(now - cell.value) < SMALLEST:
        return cell
    if not safe:
        raise RefusedError(f"{where}: the corrected value cannot be shown where the published one stands")
    return Cell(cell.kind, now)


def _by_column(table: Table, row: Row) -> list[tuple[str, Cell]]:
    return list(zip(table.columns, row.cells, strict=True))
