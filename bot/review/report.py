"""The report: what is released, and the weeks that are over but not yet released, rounded. Nothing finer."""

import csv
import io
import json
from collections.abc import Iterator, Sequence
from dataclasses import asdict, dataclass, replace

from bot.review import period as calendar
from bot.review.release import Kind, Release, Running, Table, newest, plain
from bot.review.words import Words

FORMULA = tuple("=+-@\t\r\0＝＋－＠")  # a spreadsheet would calculate a cell that begins so: OWASP ASVS 1.2.10
BOM = "\ufeff"  # without it a spreadsheet takes UTF-8 for something else
WIDTH = 46  # characters of the first column in a terminal


@dataclass(frozen=True, slots=True)
class Report:
    """*releases*: the newest versions."""

    releases: tuple[Release, ...]
    running: tuple[Running, ...]


def select(releases: Sequence[Release], running: Sequence[Running], *, period: str | None) -> Report:
    """The report about what lies in *period*; without one, the last release of each region."""
    chosen = list(newest(releases))
    if period is None:
        last: dict[str, Release] = {}
        for release in chosen:
            if not calendar.is_year(release.period):
                last[release.region] = max(release, last.get(release.region, release), key=lambda one: one.weeks[-1])
        chosen = list(last.values())
    within = None if period is None else set(calendar.weeks_of(period))
    chosen = [release for release in chosen if within is None or within.issuperset(release.weeks)]
    chosen.sort(key=lambda one: (one.region, one.weeks[-1], calendar.is_year(one.period)))
    if within is not None:
        running = [replace(one, weeks=tuple(found for found in one.weeks if found[0] in within)) for one in running]
    return Report(tuple(chosen), tuple(one for one in running if one.weeks or period is None))


def as_json(report: Report) -> str:
    releases = [plain(release) | {"sha256": release.sha256} for release in report.releases]
    found = {"releases": releases, "running": [asdict(one) for one in report.running]}
    return json.dumps(found, ensure_ascii=False, sort_keys=True) + "\n"


def as_csv(report: Report, words: Words) -> str:
    """One flat table with a line for each cell, for spreadsheets as German offices set them up."""
    target = io.StringIO()
    writer = csv.writer(target, delimiter=";", lineterminator="\r\n")
    names = ("sample", "region", "period", "version", "table", "row-id", "row", "column-id", "column", "kind", "value")
    writer.writerow(words.say(f"columns.{name}") for name in names)
    writer.writerows([guarded(value) for value in line] for line in lines(report, words))
    return BOM + target.getvalue()


def lines(report: Report, words: Words) -> Iterator[tuple[str | int, ...]]:
    """Every cell of the report, in its order."""
    for release in report.releases:
        sample = words.say("report.sample") if release.synthetic else ""
        before = (sample, words.region(release.region), release.period, release.version)
        for table in release.tables:
            for row in table.rows:
                for column, cell in zip(table.columns, row.cells, strict=True):
                    named = (table.id, row.id, words.row(table, row, release.region), column, words.column(column))
                    value = "" if cell.value is None else cell.value
                    yield *before, *named, words.say(f"kinds.{cell.kind}"), value
    for running in report.running:
        sample = words.say("report.sample") if running.synthetic else ""
        for week, n in running.weeks:
            named = ("weeks", week, words.period(week), "requests", words.column("requests"))
            yield sample, words.region(running.region), week, "", *named, words.say(f"kinds.{Kind.ROUNDED}"), n


def guarded(value: str | int) -> str | int:
    """The value as text that no spreadsheet calculates."""
    return f"'{value}" if isinstance(value, str) and value.startswith(FORMULA) else value


def as_text(report: Report, words: Words) -> str:
    """The report for a terminal."""
    parts = [words.say("report.none")] if not report.releases else []
    for release in report.releases:
        parts.append("\n".join([words.title(release), *words.notes(release)]))
        parts += [_table(table, release, words) for table in release.tables]
        parts.append(words.say("report.seal", sha256=release.sha256))
    for running in report.running:
        head = [words.say("report.running", region=words.region(running.region)), *words.running_notes(running)]
        rows = [f"  {words.period(week):<{WIDTH}}{words.about(n):>10}" for week, n in running.weeks]
        parts.append("\n".join([*head, *(rows or [f"  {words.say('report.no-running')}"])]))
    return "\n\n".join([*parts, words.say("report.promise")]) + "\n"


def _table(table: Table, release: Release, words: Words) -> str:
    lines_ = [words.caption(table), words.sentence(table, release)]
    if len(table.columns) == 1:
        lines_ += [
            f"  {words.row(table, row, release.region):<{WIDTH}}{words.cell(row.cells[0], row):>10}"
            for row in table.telling
        ]
    else:
        for row in table.telling:
            told = [
                f"{words.column(column)} {words.cell(cell, row)}"
                for column, cell in zip(table.columns, row.cells, strict=True)
                if cell.value
            ]
            if told:
                lines_.append(f"  {words.row(table, row, release.region)}: {', '.join(told)}")
    return "\n".join(lines_ if len(lines_) > 2 else [*lines_, f"  {words.say('report.empty')}"])
