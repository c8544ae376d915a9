"""The attacker finds what a careless scheme gives away, and nothing in ours."""

import pytest

from bot.review.audit import audit
from bot.review.closing import Rhythm
from bot.review.release import OTHERS, Cell, Kind, Release, Row, Table
from bot.review.tables import SMALLEST, by_concern, lists, requests
from bot.store import Count
from knowledge.model import Pack
from tests.bot.review.histories import EVERYTHING, closed, concerns, history, release, rounded

FEW = {"a": 9, "b": None, "c": None}


def careless(counts: list[Count], period: str) -> Release:
    """Cells under five are hidden, and their sum is always published: what a hurried programmer would do."""
    made = release(period)
    cells = by_concern(requests(count for count in counts if count.week in made.weeks))
    audiences = sorted({who for _, who in cells})
    rows, others = [], dict.fromkeys(audiences, 0)
    for concern in sorted({concern for concern, _ in cells}):
        values = [cells[concern, who] for who in audiences]
        rows.append(Row(concern, tuple(_hidden(n) for n in values)))
        for who, n in zip(audiences, values, strict=True):
            others[who] += n if n < SMALLEST else 0
    rows.append(Row(OTHERS, tuple(Cell(Kind.MERGED, n) for n in others.values())))
    return release(period, Table("concerns", tuple(audiences), tuple(rows)))


def _hidden(n: int) -> Cell:
    return Cell(Kind.EXACT, n) if n >= SMALLEST else Cell(Kind.MERGED, None)


def test_hiding_small_cells_and_publishing_totals_is_caught(pack: Pack) -> None:
    known, caught = lists(pack), 0
    for seed in range(3):
        counts = history(known, seed, 20)
        caught += sum(bool(audit([careless(counts, f"2026-{month:02}")], known)) for month in range(1, 13))

    assert caught >= 6


def test_a_small_number_that_is_simply_published_is_caught() -> None:
    found = audit([release("2026-11", concerns({"a": 9, "b": 3}, None))], EVERYTHING)

    assert [(one.row, one.low, one.high) for one in found] == [("b", 3, 3)]


@pytest.mark.parametrize(("others", "caught"), [(2, True), (4, False), (6, True), (8, True), (None, False)])
def test_a_sum_of_two_merged_cells_is_safe_only_if_both_stay_open(others: int | None, caught: bool) -> None:
    """Two cells that add up to six are at least two each."""
    assert bool(audit([release("2026-11", concerns(FEW, others))], EVERYTHING)) is caught


def test_a_quarter_published_beside_its_months_is_caught() -> None:
    months = [
        release(f"2026-{month}", concerns({"a": 9, "b": 9 if month < 12 else None}, None)) for month in (10, 11, 12)
    ]
    quarter = release("2026-Q4", concerns({"a": 27, "b": 21}, None))

    assert audit(months, EVERYTHING) == []
    assert [(one.period, one.row, one.low, one.high) for one in audit([*months, quarter], EVERYTHING)] == [
        ("2026-12", "b", 3, 3)
    ]


def test_a_rounded_year_that_says_too_much_about_a_month_is_caught() -> None:
    """All months but the last are known. 94 requests and a year rounded to 100: the last month has at least one."""
    year = release("2026", Table("concerns", ("parent",), (Row("a", (Cell(Kind.ROUNDED, 100),)),)))
    found = {}
    for first in (14, 15):
        months = [release(f"2026-{n:02}", concerns({"a": 8 if n > 1 else first}, None)) for n in range(1, 12)]
        months.append(release("2026-12", concerns({"a": None, "b": 9}, None)))
        found[first] = {(one.period, one.low, one.high) for one in audit([*months, year], EVERYTHING)}

    assert found == {14: {("2026-12", 1, 4)}, 15: set()}


def test_rounding_is_no_cure_when_the_total_is_known() -> None:
    """48 requests in all, and about 40 over one channel: at least four came over the other, at most seven."""
    known = concerns({"a": 48, "b": 0}, None)
    found = audit([release("2026-11", known, rounded("channels", {"web": 40, "matrix": 5}))], EVERYTHING)

    assert {(one.table, one.row, one.low, one.high) for one in found} == {("channels", "matrix", 4, 7)}


def test_a_week_total_that_gives_a_hidden_sum_away_is_caught() -> None:
    one_week = rounded("weeks", {"2026-W45": 10, "2026-W46": 0, "2026-W47": 0, "2026-W48": 0})

    assert audit([release("2026-11", concerns({"a": 9, "b": None, "c": None}, None), one_week)], EVERYTHING) == []
    assert audit([release("2026-11", concerns({"a": 13, "b": None, "c": None}, None), one_week)], EVERYTHING) != []


def test_the_pack_tells_the_attacker_whose_request_an_actor_got(pack: Pack) -> None:
    """Ten requests for one concern: if only two actors can have got them, and one got about ten, the other got few."""
    known = lists(pack)
    table = concerns({"a": 11}, None)
    found = audit([release("2026-11", table, rounded("actors", {"kub": 5, "schulamt": 5}))], known)

    assert {(one.row, one.low, one.high) for one in found} == {("kub", 4, 7), ("schulamt", 4, 7)}


def test_a_correction_by_one_is_caught() -> None:
    versions = [release("2026-11", concerns({"a": 9 + n, "b": None}, None), version=n + 1) for n in range(2)]

    assert [(one.version, one.row, one.low) for one in audit(versions, EVERYTHING)] == [(2, "a", 1)]
    assert audit([versions[0], release("2026-11", concerns({"a": 14, "b": None}, None), version=2)], EVERYTHING) == []


@pytest.mark.parametrize("mean", [20, 60, 300])
@pytest.mark.parametrize("seed", range(3))
def test_nobody_can_be_seen_in_a_year_of_periods(pack: Pack, mean: int, seed: int) -> None:
    """A sample; benchmarks/review.py does the same for 200 histories of each volume."""
    known = lists(pack)
    rhythm = Rhythm.MONTH if mean > 20 else Rhythm.QUARTER
    releases = closed(known, history(known, 1_000 * mean + seed, mean), rhythm, years=False)

    assert len(releases) >= 4
    assert audit(releases, known) == []


def test_nobody_can_be_seen_in_quarters_and_their_year_together(pack: Pack) -> None:
    known = lists(pack)
    releases = closed(known, history(known, 7, 25), Rhythm.QUARTER, years=True)
    year = releases[-1].table("concerns")

    assert releases[-1].period == "2026"
    assert audit(releases, known) == []
    assert year is not None
    assert sum(bool(cell.value) for row in year.rows for cell in row.cells) > 20
