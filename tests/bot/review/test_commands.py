"""report, release and demo-data as they are typed."""

import io
import json
import sys
from datetime import timedelta
from pathlib import Path

import openpyxl
import pytest

from bot import app
from bot.review import period as calendar
from bot.store import Batch, Count, Done
from bot.store.sql import SqlStore
from tests.bot.review.histories import asked
from tests.home import Home

CONCERNS = ("mobbing", "schulangst", "attest", "bussgeld", "inklusion")


@pytest.fixture
def last_month() -> str:
    return calendar.month_of(calendar.week_of(app.now().date() - timedelta(days=45)))


@pytest.fixture
def counted(home: Home, last_month: str) -> Home:
    """A home whose database holds a busy month that is over, and one small number."""
    weeks = calendar.weeks_of(last_month)
    counts = [asked(week, concern, 20) for week in weeks for concern in CONCERNS]
    _count(home, [*counts, asked(weeks[0], "jugendgericht", 3)])
    return home


def _count(home: Home, counts: list[Count]) -> None:
    store = SqlStore(home.url)
    store.write(Batch(done=(Done((), None, tuple(counts)),)))
    store.close()


def test_a_month_is_released_reported_and_never_released_again(counted: Home, last_month: str) -> None:
    before = counted.invoke("report", "--format", "json")
    first, second = counted.invoke("release"), counted.invoke("release")
    after = json.loads(counted.invoke("report", "--period", last_month, "--format", "json").stdout)

    assert json.loads(before.stdout)["releases"] == []
    assert (first.exit_code, second.exit_code) == (0, 0)
    assert f"dortmund {last_month} version 1 released, sha256 {after['releases'][0]['sha256']}" in first.stdout
    assert (second.stdout, second.stderr.strip()) == ("", "Nothing is due.")


def test_what_is_not_released_is_seen_as_rounded_weeks_only(counted: Home, last_month: str) -> None:
    found = json.loads(counted.invoke("report", "--format", "json").stdout)
    weeks = dict(found["running"][0]["weeks"])

    assert found["releases"] == []
    assert {weeks[week] for week in calendar.weeks_of(last_month)} == {100}


def test_no_format_shows_a_small_number(counted: Home, last_month: str) -> None:
    counted.invoke("release", "--period", last_month)
    text = counted.invoke("report").stdout
    page = counted.invoke("report", "--format", "html").stdout
    flat = counted.invoke("report", "--format", "csv").stdout

    assert "Mobbing und Ausgrenzung: Eltern" in text
    assert "<caption>" in page
    assert "Jugendgericht" not in text + page
    assert not any(line.split(";")[-1] in {"1", "2", "3", "4"} for line in flat.splitlines())


@pytest.mark.parametrize("form", ["text", "html", "csv", "xlsx", "json"])
def test_a_report_written_twice_has_the_same_bytes(counted: Home, form: str) -> None:
    counted.invoke("release")
    first, second = (counted.invoke("report", "--format", form, "-o", name) for name in ("one", "two"))

    assert (first.exit_code, first.stdout, second.exit_code) == (0, "", 0)
    assert (counted.folder / "one").read_bytes() == (counted.folder / "two").read_bytes()


def test_a_workbook_can_be_piped(counted: Home) -> None:
    counted.invoke("release")

    assert openpyxl.load_workbook(io.BytesIO(counted.invoke("report", "--format", "xlsx").stdout_bytes)).sheetnames


def test_a_period_that_is_not_due_is_refused_with_the_reason(counted: Home, last_month: str) -> None:
    counted.invoke("release", "--period", last_month)
    today = app.now().date()
    for period, told in ((last_month, "already"), (str(today.year + 1), "not over yet"), ("2020-01", "counting began")):
        result = counted.invoke("release", "--period", period)

        assert (result.exit_code, result.stdout) == (1, "")
        assert told in result.stderr


def test_a_thin_month_is_refused_and_the_quarter_is_named(home: Home, last_month: str) -> None:
    _count(home, [asked(calendar.weeks_of(last_month)[0], "mobbing", 30)])
    result = home.invoke("release", "--period", last_month)

    assert result.exit_code == 1
    assert calendar.quarter_of(calendar.weeks_of(last_month)[0]) in result.stderr


def test_a_region_that_publishes_quarters_says_so(counted: Home, last_month: str) -> None:
    result = counted.invoke("release", "--period", last_month, SCHULLOTSE_REVIEW__PERIOD="quarter")

    assert result.exit_code == 1
    assert "review.period" in result.stderr


def test_a_correction_is_a_new_version(counted: Home, last_month: str) -> None:
    counted.invoke("release")
    nothing = counted.invoke("release", "--correct", "--period", last_month)
    _count(counted, [asked(calendar.weeks_of(last_month)[0], "mobbing", 20)])
    corrected = counted.invoke("release", "--correct", "--period", last_month)

    assert (nothing.exit_code, corrected.exit_code) == (1, 0)
    assert f"{last_month} version 2 released" in corrected.stdout
    assert "Berichtigte Fassung 2." in counted.invoke("report", "--period", last_month).stdout


@pytest.mark.parametrize(
    ("arguments", "told"),
    [
        (("release", "--period", "soon"), "2026-Q4"),
        (("report", "--period", "2026-W47"), "2026-Q4"),
        (("release", "--correct"), "--period"),
        (("release", "--region", "atlantis"), "dortmund"),
        (("report", "-o", "nowhere/x"), "nowhere/x"),
        (("report", "--format", "xlsx", "-o", "nowhere/x"), "nowhere/x"),
    ],
)
def test_a_mistake_ends_in_a_sentence(home: Home, arguments: tuple[str, ...], told: str) -> None:
    result = home.invoke(*arguments)

    assert result.exit_code == 2
    assert told in result.stderr
    assert "Traceback" not in result.stderr


def test_without_the_library_of_the_proof_nothing_is_released(counted: Home, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "scipy", None)
    result = counted.invoke("release")

    assert (result.exit_code, result.stdout) == (2, "")
    assert "schullotse[audit]" in result.stderr
    assert json.loads(counted.invoke("report", "--format", "json").stdout)["releases"] == []


def test_example_data_fill_a_new_database_only(counted: Home, tmp_path: Path) -> None:
    address = f"sqlite:///{tmp_path / 'example.db'}"
    refused = counted.invoke("demo-data")
    made = counted.invoke("demo-data", "--size", "small", "--region", "dortmund", "--db", address)
    again = counted.invoke("demo-data", "--db", address)
    year = app.now().year - 1
    shown = counted.invoke("report", "--period", str(year), "--db", address).stdout

    assert (refused.exit_code, made.exit_code, again.exit_code) == (2, 0, 2)
    assert "holds real counts" in refused.stderr
    assert "holds example counts" in again.stderr
    assert f"dortmund {year} released (example data)" in made.stderr
    assert shown.count("Beispieldaten: Diese Zahlen sind erfunden.") >= 5
