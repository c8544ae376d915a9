"""The two rules: rounding hides every small number, and the sum of merged cells leaves each of them open."""

from itertools import product

from hypothesis import given
from hypothesis import strategies as st

from bot.review.release import OTHERS, Kind
from bot.review.tables import SMALLEST, lists, of_period, of_year, rounded, slack, window
from knowledge.model import DANGER, Pack
from tests.bot.review.histories import YEAR, asked, history


@given(st.integers(0, 10_000))
def test_a_rounded_number_stands_for_all_numbers_of_its_window(n: int) -> None:
    low, high = window(rounded(n))

    assert low <= n <= high
    assert {rounded(other) for other in range(low, high + 1)} == {rounded(n)}
    assert n == 0 or high - low >= SMALLEST


def test_whatever_is_said_of_merged_cells_each_may_be_any_number_from_0_to_4() -> None:
    """All columns of up to five small cells; the attacker knows the rule and sees the sum, or that none is given."""
    for cells in range(1, 6):
        possible: dict[int | None, list[set[int]]] = {}
        for column in product(range(SMALLEST), repeat=cells):
            said = sum(column) if slack(cells, sum(column)) else None
            seen = possible.setdefault(said, [set() for _ in column])
            for values, value in zip(seen, column, strict=True):
                values.add(value)
        assert all(values == set(range(SMALLEST)) for seen in possible.values() for values in seen)


def test_cells_from_five_on_are_exact_and_the_others_are_merged(pack: Pack) -> None:
    week = YEAR[0]
    counts = [asked(week, "mobbing", 5), asked(week, "attest", 4), asked(week, "schulangst", 3)]
    table = of_period(counts, [week], lists(pack), frozenset())[0]
    cells = {row.id: row.cells[table.columns.index("parent")] for row in table.rows}

    assert (cells["mobbing"].kind, cells["mobbing"].value) == (Kind.EXACT, 5)
    assert (cells["attest"].kind, cells["attest"].value) == (Kind.MERGED, None)
    assert (cells[OTHERS].kind, cells[OTHERS].value) == (Kind.MERGED, 7)


def test_the_sum_of_the_merged_cells_is_not_given_when_it_is_under_five(pack: Pack) -> None:
    table = of_period([asked(YEAR[0], "attest", 4)], YEAR[:1], lists(pack), frozenset())[0]

    assert {cell.value for row in table.rows for cell in row.cells} == {None}


def test_acute_danger_is_in_the_year_table_only(pack: Pack) -> None:
    counts = [asked(YEAR[0], DANGER, 50)]
    month, year = of_period(counts, YEAR[:1], lists(pack), frozenset()), of_year(counts, lists(pack), frozenset())

    assert DANGER not in {row.id for table in (*month, *year) for row in table.rows}
    assert not any(cell.value for table in month for row in table.rows for cell in row.cells)
    assert [table.id for table in year] == ["concerns", "crisis"]


@given(st.integers(0, 1_000))
def test_exact_and_merged_cells_add_up_to_all_requests(pack: Pack, seed: int) -> None:
    counts = history(lists(pack), seed, 30, YEAR[:4])
    table = of_period(counts, YEAR[:4], lists(pack), frozenset())[0]

    for column, audience in enumerate(table.columns):
        values = [row.cells[column].value for row in table.rows]
        asked_by = sum(count.n for count in counts if (count.audience or "unknown") == audience)
        assert sum(value or 0 for value in values) == asked_by or values[-1] is None
