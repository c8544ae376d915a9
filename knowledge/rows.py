"""A schools.csv as text with line numbers: read like any file of a pack, every cell as it stands."""

import csv
import io
from collections.abc import Iterable, Iterator, Mapping

from knowledge.schools import COLUMNS, NEEDED
from knowledge.source import Document, Problem, Tree

FILE = "schools.csv"
MAX_BYTES = 32 * 1024 * 1024  # 40,000 schools, all of Germany, are 8 MiB
DELIMITER = ";"  # what spreadsheets in German write and expect; a comma is read as well


def parse(text: str, name: str) -> tuple[Document | None, list[Problem]]:
    """The rows of a schools.csv called *name* in messages, without their empty cells; every problem with its line."""
    rows: list[Tree] = []
    lines: dict[tuple[str | int, ...], int] = {}
    problems: list[Problem] = []
    found = cells(text)
    try:
        _, header = next(found, (1, []))
        if complaint := _header(header):
            return None, [Problem(name, 1, complaint)]
        for line, row in found:
            if len(row) > len(header):
                problems.append(Problem(name, line, f"has {len(row) - len(header)} cells more than the first line"))
                continue
            lines[len(rows),] = line
            rows.append({column: cell for column, cell in zip(header, row, strict=False) if cell})
    except csv.Error as error:
        return None, [*problems, Problem(name, 1, f"cannot be read as CSV: {error}")]
    return Document(name, rows, lines), problems


def cells(text: str) -> Iterator[tuple[int, list[str]]]:
    """Each row that holds anything, with the line where it begins; the spaces around a cell count for nothing."""
    text = text.removeprefix("\ufeff")
    first = "".join(text.split("\n", 2)[:2])  # a line above the names of the columns may name the delimiter
    reader = csv.reader(io.StringIO(text, newline=""), delimiter=DELIMITER if DELIMITER in first else ",", strict=True)
    line = 1
    for row in reader:
        if any(row):
            yield line, [cell.strip() for cell in row]
        line = reader.line_num + 1


def written(rows: Iterable[Mapping[str, str]]) -> str:
    """*rows* as a schools.csv: all columns, in the order of the ids. The same rows, the same text."""
    text = io.StringIO(newline="")
    writer = csv.writer(text, delimiter=DELIMITER, lineterminator="\n")
    writer.writerow(COLUMNS)
    for row in sorted(rows, key=lambda row: row["id"]):
        writer.writerow([row.get(column, "") for column in COLUMNS])
    return text.getvalue()


def _header(header: list[str]) -> str:
    unknown = [column for column in header if column not in COLUMNS]
    if unknown:
        return f"has the unknown column '{unknown[0]}'; columns are {', '.join(COLUMNS)}"
    lacking = [column for column in NEEDED if column not in header]
    if lacking:
        return f"lacks the column '{lacking[0]}'; every school has {', '.join(NEEDED)}"
    return "has a column twice" if len(set(header)) < len(header) else ""
