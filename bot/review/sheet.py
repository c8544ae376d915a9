"""The report as a workbook: a sheet for each table, and only texts and numbers in it, never a formula."""

import io
from datetime import UTC, datetime

import xlsxwriter
from xlsxwriter.worksheet import Worksheet

from bot.review.release import Release, Table
from bot.review.report import Report
from bot.review.words import Words

MADE = datetime(2000, 1, 1, tzinfo=UTC).replace(tzinfo=None)  # a date of now would make every export another file
NAME = 31  # characters; Excel refuses a longer name of a sheet

Line = list[str | int]


def as_xlsx(report: Report, words: Words) -> bytes:
    """The same report gives the same bytes."""
    target = io.BytesIO()
    book = xlsxwriter.Workbook(target, {"in_memory": True, "strings_to_formulas": False, "strings_to_urls": False})
    book.set_properties({"title": words.say("report.title"), "created": MADE})
    bold = book.add_format({"bold": True})
    for name, lines in _sheets(report, words).items():
        sheet = book.add_worksheet(name[:NAME])
        sheet.set_column(0, 1, 40)
        for number, line in enumerate(lines):
            _write(sheet, number, line, bold if number == 0 else None)
    book.close()
    return target.getvalue()


def _sheets(report: Report, words: Words) -> dict[str, list[Line]]:
    """Name → lines. Tables of the same kind stand below each other."""
    found: dict[str, list[Line]] = {words.say("report.title"): _notes(report, words)}
    for release in report.releases:
        for table in release.tables:
            lines = found.setdefault(words.caption(table).replace("/", "-"), [])
            lines.append([words.title(release), words.sentence(table, release)])
            lines += [["", *words.head(table)], *_lines(table, release, words)]
    for running in report.running:
        lines = found.setdefault(words.say("tables.weeks.title"), [])
        lines.append([words.say("report.running", region=words.region(running.region))])
        lines += [[note] for note in words.running_notes(running)]
        lines += [["", words.period(week), n] for week, n in running.weeks]
    return found


def _notes(report: Report, words: Words) -> list[Line]:
    lines: list[Line] = [[words.say("report.title")], [words.say("report.promise")]]
    for release in report.releases:
        lines += [[words.title(release), note] for note in words.notes(release)]
        lines.append([words.title(release), words.say("report.seal", sha256=release.sha256)])
    return lines


def _lines(table: Table, release: Release, words: Words) -> list[Line]:
    sample = words.say("report.sample") if release.synthetic else ""
    return [
        [
            sample,
            words.row(table, row, release.region),
            *(words.cell(cell, row) if cell.value is None else cell.value for cell in row.cells),
        ]
        for row in table.telling
    ]


def _write(sheet: Worksheet, number: int, line: Line, form: object) -> None:
    for column, value in enumerate(line):
        if isinstance(value, int):
            sheet.write_number(number, column, value, form)
        else:
            sheet.write_string(number, column, value, form)
