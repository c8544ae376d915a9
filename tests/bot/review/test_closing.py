"""When periods are closed, what a release counts, and that it never changes."""

import sqlite3
from collections.abc import Callable, Iterator
from contextlib import closing
from dataclasses import replace
from datetime import date
from pathlib import Path

import pytest

from bot.review import period as calendar
from bot.review.closing import RefusedError, Rhythm, close, due, running, thin, weekly
from bot.review.publish import correct_release, release_due
from bot.review.release import OTHERS, Kind, Release, body, parse
from bot.review.tables import lists, shown_cells
from bot.review.versions import correct
from bot.store import Batch, Count, Done, StoreError
from bot.store.accounts import Accounts, Entry
from bot.store.database import opened
from bot.store.releases import Releases
from bot.store.sql import SqlStore
from knowledge.model import Audience, Pack
from tests.bot.review.histories import NEXT_YEAR, asked, history

NOVEMBER = calendar.weeks_of("2026-11")
DAY = date(2026, 12, 1)
MANY = ("mobbing", "schulangst", "attest", "bussgeld", "inklusion")


def busy(weeks: tuple[str, ...], n: int = 20) -> list[Count]:
    """*n* requests a week for each of five concerns."""
    return [asked(week, concern, n) for week in weeks for concern in MANY]


@pytest.fixture
def url(tmp_path: Path) -> str:
    return f"sqlite:///{tmp_path / 'schullotse.db'}"


@pytest.fixture
def count(url: str) -> Iterator[Callable[[list[Count]], None]]:
    store = SqlStore(url)
    yield lambda counts: store.write(Batch(done=(Done((), None, tuple(counts)),))) and None
    store.close()


def periods(counts: list[Count], rhythm: Rhythm, today: date) -> list[str]:
    return [what.period for what in due(weekly(counts), [], rhythm, today)]


def test_a_month_is_due_when_its_last_week_is_over() -> None:
    counts = busy(NOVEMBER)

    assert periods(counts, Rhythm.MONTH, date(2026, 11, 29)) == []
    assert periods(counts, Rhythm.MONTH, date(2026, 11, 30)) == ["2026-11"]


def test_a_thin_month_waits_for_its_quarter_which_counts_what_the_months_left() -> None:
    thin_month = [asked(week, "mobbing", 20) for week in calendar.weeks_of("2026-10")]
    counts = [*thin_month, *busy(NOVEMBER), *busy(calendar.weeks_of("2026-12"))]
    found = due(weekly(counts), [], Rhythm.MONTH, NEXT_YEAR)

    assert [what.period for what in found] == ["2026-11", "2026-12", "2026-Q4", "2026"]
    assert found[2].weeks == calendar.weeks_of("2026-10")


def test_whether_a_month_is_thin_follows_from_its_rounded_weeks_alone() -> None:
    totals = dict.fromkeys(NOVEMBER, 45)

    assert not thin(NOVEMBER, totals)
    assert thin(NOVEMBER, totals | {NOVEMBER[0]: 44})


def test_a_region_that_publishes_quarters_has_no_months() -> None:
    counts = busy(calendar.weeks_of("2026-Q4"))

    assert periods(counts, Rhythm.QUARTER, NEXT_YEAR) == ["2026-Q4", "2026"]


def test_a_year_waits_until_all_its_weeks_are_released() -> None:
    counts = busy(calendar.weeks_of("2026-11"))

    assert "2026" not in periods(counts, Rhythm.MONTH, date(2026, 12, 31))
    assert periods(counts, Rhythm.MONTH, date(2027, 1, 4)) == ["2026-11", "2026-Q4", "2026"]


def test_no_week_is_released_twice_whatever_the_rhythm_was(pack: Pack) -> None:
    known = lists(pack)
    counts = history(known, 3, 80)
    months = due(weekly(counts), [], Rhythm.MONTH, date(2026, 6, 1))
    first = [close(what, "dortmund", [], [], known) for what in months]
    later = due(weekly(counts), first, Rhythm.QUARTER, NEXT_YEAR)
    weeks = [week for what in (*months, *later) if not calendar.is_year(what.period) for week in what.weeks]

    assert sorted(weeks) == sorted(calendar.weeks_of("2026"))


def test_nothing_counted_means_nothing_due() -> None:
    assert due({}, [], Rhythm.MONTH, NEXT_YEAR) == ()


def test_the_running_period_shows_rounded_weeks_that_are_over_and_nothing_else() -> None:
    shown = running("dortmund", busy(NOVEMBER, 21), [], date(2026, 11, 20))

    assert shown.weeks == tuple((week, 110) for week in NOVEMBER[:2])


def test_what_is_released_is_what_was_shown_before(pack: Pack) -> None:
    known = lists(pack)
    counts = history(known, 5, 200, NOVEMBER)
    before = running("dortmund", counts, [], date(2026, 12, 1))
    (what,) = due(weekly(counts), [], Rhythm.MONTH, date(2026, 12, 1))
    weeks = close(what, "dortmund", counts, [], known).table("weeks")

    assert weeks is not None
    assert tuple((row.id, row.cells[0].value) for row in weeks.rows) == before.weeks


def test_a_release_is_the_same_after_reading_and_writing(pack: Pack) -> None:
    made = _november(pack, history(lists(pack), 9, 200, NOVEMBER))

    assert parse(body(made)) == made
    assert parse(body(made)).sha256 == made.sha256
    assert replace(made, version=2).sha256 != made.sha256


def test_a_table_that_tells_too_much_is_given_with_less(pack: Pack) -> None:
    """478 requests are known, and 465 to 474 came over the web: at least four over the other channel, at most seven."""
    counts = [asked(week, concern, 22) for week in NOVEMBER for concern in MANY]
    rare = ("kindeswohl", "gewalt-straftat")
    counts += [asked(NOVEMBER[0], concern, 3, who) for concern in rare for who in (*Audience, "")]
    counts += [asked(NOVEMBER[0], "mobbing", 4), asked(NOVEMBER[0], "mobbing", 4, channel="matrix")]
    channels = _november(pack, counts).table("channels")

    assert channels is not None
    assert {row.id: row.cells[0].value for row in channels.rows} == {"matrix": None, "web": 470}


def test_closing_publishes_once_and_then_nothing_is_due(
    url: str, count: Callable[[list[Count]], None], pack: Pack
) -> None:
    count(busy(NOVEMBER))
    store, known = Releases(opened(url)), {"dortmund": lists(pack)}
    first = release_due(store, known, Rhythm.MONTH, date(2026, 12, 1))
    before = [body(one) for one in store.all()]
    count(busy(NOVEMBER, 1))
    second = release_due(store, known, Rhythm.MONTH, date(2026, 12, 1))

    assert [(one.period, one.version) for one in first.releases] == [("2026-11", 1)]
    assert (first.refused, second.releases, second.refused) == ((), (), ())
    assert [body(one) for one in store.all("dortmund")] == before


def test_releases_and_corrections_stand_in_the_audit_log_of_their_city(
    url: str, count: Callable[[list[Count]], None], pack: Pack
) -> None:
    count(busy(NOVEMBER))
    engine = opened(url)
    store, known, accounts = Releases(engine), lists(pack), Accounts(engine)
    release_due(store, {"dortmund": known}, Rhythm.MONTH, DAY)
    count([asked(NOVEMBER[0], "attest", 30)])
    correct_release(store, "dortmund", "2026-11", known, DAY)
    with pytest.raises(StoreError, match="never changes"):
        store.add(store.all()[0], DAY)

    assert accounts.log("dortmund", DAY) == [Entry(DAY, "", "dortmund", "released")] * 2
    assert accounts.log("herne", DAY) == []


def test_rewriting_a_release_is_refused(url: str, pack: Pack) -> None:
    store = Releases(opened(url))
    made = _november(pack, busy(NOVEMBER))
    store.add(made, DAY)

    with pytest.raises(StoreError, match="never changes"):
        store.add(replace(made, tables=()), DAY)
    assert store.all() == (made,)


def test_a_release_that_was_changed_in_the_database_is_noticed(url: str, pack: Pack) -> None:
    store = Releases(opened(url))
    store.add(_november(pack, busy(NOVEMBER)), DAY)
    with closing(sqlite3.connect(url.removeprefix("sqlite:///"))) as live:
        live.execute("UPDATE release SET body = replace(body, ':80,', ':90,') || ' '")
        live.execute("UPDATE release SET body = replace(body, '80', '90')")
        live.commit()

    with pytest.raises(StoreError, match="was changed"):
        store.all()


def test_a_correction_has_the_same_pattern_and_moves_by_five_or_not_at_all(
    url: str, count: Callable[[list[Count]], None], pack: Pack
) -> None:
    count([*busy(NOVEMBER), *(asked(NOVEMBER[0], concern, 3) for concern in ("kindeswohl", "jugendgericht"))])
    store, known = Releases(opened(url)), lists(pack)
    release_due(store, {"dortmund": known}, Rhythm.MONTH, date(2026, 12, 1))
    count([asked(NOVEMBER[0], "mobbing", 4), asked(NOVEMBER[0], "attest", 30), asked(NOVEMBER[0], "kindeswohl", 1)])
    first, second = store.all()[0], correct_release(store, "dortmund", "2026-11", known, DAY)

    assert second.version == 2
    assert _pattern(first) == _pattern(second)
    assert _parents(first) == dict.fromkeys(MANY, 80)
    assert _parents(second) == dict.fromkeys(MANY, 80) | {"attest": 110}


@pytest.mark.parametrize(
    ("more", "told"),
    [([], "no published value"), ([asked(NOVEMBER[0], "mobbing", -76)], "cannot be shown")],
)
def test_a_correction_that_would_say_nothing_or_too_much_is_refused(pack: Pack, more: list[Count], told: str) -> None:
    made = _november(pack, busy(NOVEMBER))

    with pytest.raises(RefusedError, match=told):
        correct([*busy(NOVEMBER), *more], [made], "2026-11", lists(pack))


def test_what_is_not_released_cannot_be_corrected(pack: Pack) -> None:
    with pytest.raises(RefusedError, match="not released yet"):
        correct(busy(NOVEMBER), [], "2026-11", lists(pack))


def _november(pack: Pack, counts: list[Count]) -> Release:
    (what,) = due(weekly(counts), [], Rhythm.MONTH, date(2026, 12, 1))
    return close(what, "dortmund", counts, [], lists(pack))


def _pattern(made: Release) -> list[tuple[str, Kind, bool]]:
    table = made.table("concerns")
    assert table is not None
    return [(row.id, cell.kind, cell.value is None) for row in table.rows for cell in row.cells]


def _parents(made: Release) -> dict[str, int]:
    table = made.table("concerns")
    assert table is not None
    assert OTHERS in {row.id for row in table.rows}
    return {concern: n for (concern, who), n in shown_cells(table).items() if who == "parent"}
