"""The request statistics as plain counts; cells under five are hidden, because one person must not be seen."""

import json
from collections import Counter
from collections.abc import Iterable, Mapping

from bot.store import Count
from knowledge.model import Concern

SMALLEST = 5  # requests a shown cell holds at least
HIDDEN = "<5"


def selected(counts: Iterable[Count], *, region: str | None, period: str | None) -> list[Count]:
    """The counts of a region and of a period ("2026-Q4", "2026-W47", "2026"); None means all."""
    return [count for count in counts if (not region or count.region == region) and _within(count.week, period)]


def _within(week: str, period: str | None) -> bool:
    if period is None or week == period:
        return True
    year, number = week.split("-W")
    quarter = min((int(number) - 1) // 13 + 1, 4)  # thirteen ISO weeks each; week 53 belongs to the fourth
    return period in {year, f"{year}-Q{quarter}"}


def tables(counts: Iterable[Count]) -> dict[str, dict[str, int | str]]:
    """Table → row → number, or "<5". No totals: they would give the hidden cells away."""
    found: dict[str, Counter[str]] = {
        "concern": Counter(),
        "actor": Counter(),
        "audience": Counter(),
        "channel": Counter(),
        "outcome": Counter(),
    }
    for count in counts:
        found["outcome"][count.outcome] += count.n
        if count.outcome == "referred":
            for name in ("concern", "actor", "audience", "channel"):
                found[name][getattr(count, name)] += count.n
    return {name: {row: n if n >= SMALLEST else HIDDEN for row, n in _ordered(table)} for name, table in found.items()}


def _ordered(table: Counter[str]) -> list[tuple[str, int]]:
    """Shown rows by size, hidden rows by name: their order says nothing."""
    return sorted(table.items(), key=lambda item: (-item[1] if item[1] >= SMALLEST else 0, item[0]))


def text(found: Mapping[str, Mapping[str, int | str]], concerns: Mapping[str, Concern]) -> str:
    """The tables for a person."""
    titles = {
        "concern": "Anliegen",
        "actor": "Stellen",
        "audience": "Wer fragt",
        "channel": "Wege",
        "outcome": "Ergebnis",
    }
    parts = []
    for name, rows in found.items():
        lines = [titles[name], *(f"  {_row(name, row, concerns):<44}{n:>6}" for row, n in rows.items())]
        parts.append("\n".join(lines if rows else [*lines, "  noch nichts gezählt"]))
    return "\n\n".join(parts) + f"\n\nWerte unter {SMALLEST} sind verborgen ({HIDDEN})."


def _row(name: str, row: str, concerns: Mapping[str, Concern]) -> str:
    return concerns[row].label if name == "concern" and row in concerns else row


def as_json(found: Mapping[str, Mapping[str, int | str]]) -> str:
    return json.dumps(found, ensure_ascii=False, indent=2)
