"""Exports: the same bytes every time, no formula, no script, and no number that is not released."""

import csv
import io
import re
from collections.abc import Iterator
from dataclasses import replace
from datetime import date

import openpyxl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from bot.review.closing import Rhythm, running
from bot.review.demo import Size, counts
from bot.review.page import as_html
from bot.review.release import Release, Running
from bot.review.report import FORMULA, Report, as_csv, as_json, as_text, guarded, select
from bot.review.sheet import as_xlsx
from bot.review.tables import lists
from bot.review.words import Words, words
from knowledge.model import Pack
from tests.bot.review.histories import YEAR, closed

EVIL = '=HYPERLINK("http://evil")<script>alert(1)</script>&'


@pytest.fixture(scope="module")
def releases(pack: Pack) -> list[Release]:
    return closed(lists(pack), counts(pack, Size.SMALL, YEAR), Rhythm.QUARTER, years=True)


@pytest.fixture(scope="module")
def said(pack: Pack) -> Words:
    return words({"dortmund": pack})


@pytest.fixture
def report(releases: list[Release]) -> Report:
    return Report(tuple(releases), (Running("dortmund", (("2027-W01", 5), ("2027-W02", 20)), synthetic=True),))


@pytest.fixture
def evil(report: Report) -> Report:
    """A pack of strangers may call a concern anything."""
    tables = [replace(one, rows=tuple(replace(row, id=EVIL) for row in one.rows)) for one in report.releases[0].tables]
    return replace(report, releases=(replace(report.releases[0], tables=tuple(tables)),))


def test_a_repeated_export_has_the_same_bytes(report: Report, said: Words) -> None:
    for export in (as_csv, as_text, as_html, as_xlsx):
        assert export(report, said) == export(report, said)
    assert as_json(report) == as_json(report)


def test_a_workbook_has_numbers_and_texts_and_no_formula(report: Report, evil: Report, said: Words) -> None:
    for one in (report, evil):
        book = openpyxl.load_workbook(io.BytesIO(as_xlsx(one, said)))
        cells = [cell for sheet in book for row in sheet.iter_rows() for cell in row if cell.value is not None]

        assert len(cells) > 200
        assert {cell.data_type for cell in cells} == {"s", "n"}
    assert any(cell.value == EVIL for cell in cells)


def test_no_cell_of_the_csv_is_calculated(report: Report, evil: Report, said: Words) -> None:
    for one in (report, evil):
        rows = list(csv.reader(io.StringIO(as_csv(one, said).removeprefix("\ufeff")), delimiter=";"))

        assert len({len(row) for row in rows}) == 1
        assert not any(value.startswith(FORMULA) for row in rows for value in row)
    assert f"'{EVIL}" in {value for row in rows for value in row}


@given(st.text(max_size=5), st.sampled_from(FORMULA))
def test_what_begins_like_a_formula_gets_an_apostrophe(text: str, sign: str) -> None:
    assert guarded(sign + text) == f"'{sign}{text}"
    assert guarded(f"a{sign}{text}") == f"a{sign}{text}"


def test_the_page_has_no_script_and_loads_nothing(report: Report, evil: Report, said: Words) -> None:
    for one in (report, evil):
        page = as_html(one, said)

        assert not re.search(r"<script|<link|<img|<iframe|\son\w+=|url\(|@import", page)
        assert page.count("<table") == page.count("<caption>") == page.count("</table>")
    assert "&lt;script&gt;" in page


def test_every_export_says_that_example_data_are_invented(report: Report, said: Words) -> None:
    assert all(release.synthetic for release in report.releases)
    assert as_json(report).count('"synthetic": true') == len(report.releases) + 1
    for text in (as_text(report, said), as_html(report, said)):
        assert text.count("Beispieldaten: ") == len(report.releases) + 1
    lines = as_csv(report, said).splitlines()
    assert all(line.startswith("Beispieldaten;") for line in lines[1:])


def test_every_number_is_released_or_a_rounded_week(report: Report, said: Words) -> None:
    released = {
        cell.value for one in report.releases for table in one.tables for row in table.rows for cell in row.cells
    }
    lines = csv.reader(io.StringIO(as_csv(report, said).removeprefix("\ufeff")), delimiter=";")
    shown = {int(line[-1]) for line in list(lines)[1:] if line[-1]}

    assert shown == {value for value in released if value is not None} | {5, 20}
    assert not shown & {1, 2, 3, 4}


def test_every_id_has_words(report: Report, said: Words) -> None:
    for line in _lines(report, said):
        row_id, name, column_id, column = line
        assert name != row_id, line
        assert column != column_id, line


def test_the_report_of_a_period_has_what_lies_in_it(releases: list[Release]) -> None:
    weeks = [Running("dortmund", (("2027-W01", 5),))]

    assert [one.period for one in select(releases, weeks, period="2026").releases] == [
        *("2026-Q1", "2026-Q2", "2026-Q3", "2026-Q4", "2026")
    ]
    assert [one.period for one in select(releases, weeks, period="2026-Q2").releases] == ["2026-Q2"]
    assert [one.period for one in select(releases, weeks, period=None).releases] == ["2026-Q4"]
    assert select(releases, weeks, period="2026").running == ()
    assert select(releases, weeks, period="2027-01").running == tuple(weeks)


def test_only_the_newest_version_is_reported(releases: list[Release]) -> None:
    newer = replace(releases[0], version=2)

    assert select([newer, *releases], [], period="2026-Q1").releases == (newer,)


@settings(max_examples=5, deadline=None)
@given(st.sampled_from(Size))
def test_example_data_are_the_same_every_time_and_marked(pack: Pack, size: Size) -> None:
    made = counts(pack, size, YEAR[:6])

    assert made == counts(pack, size, YEAR[:6])
    assert all(count.channel.startswith("demo-") for count in made)
    assert running("dortmund", made, [], date(2027, 1, 1)).synthetic


def _lines(report: Report, said: Words) -> Iterator[tuple[str, str, str, str]]:
    for one in report.releases:
        for table in one.tables:
            for row in table.rows:
                for column in table.columns:
                    yield row.id, said.row(table, row, one.region), column, said.column(column)
