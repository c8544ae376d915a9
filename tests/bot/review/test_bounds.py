"""The attacker's arithmetic against trying everything out."""

from itertools import product

from hypothesis import given, settings
from hypothesis import strategies as st

from bot.review.bounds import Unknowns, narrow

limits = st.tuples(st.integers(0, 4), st.integers(0, 6)).map(lambda pair: (min(pair), max(pair)))


@settings(max_examples=60, deadline=None)
@given(
    cells=st.lists(limits, min_size=4, max_size=4),
    rows=st.lists(limits, min_size=2, max_size=2),
    columns=st.lists(limits, min_size=2, max_size=2),
)
def test_the_limits_are_those_of_all_tables_that_fit(
    cells: list[tuple[int, int]], rows: list[tuple[int, int]], columns: list[tuple[int, int]]
) -> None:
    """A table of two by two with limits on its cells and on the sums of its rows and columns."""
    unknowns = Unknowns()
    numbers = [unknowns.add(*limit, ("2026", 1, "t", str(index), "c")) for index, limit in enumerate(cells)]
    sums = [(numbers[:2], rows[0]), (numbers[2:], rows[1]), (numbers[::2], columns[0]), (numbers[1::2], columns[1])]
    for parts, limit in sums:
        unknowns.equal(unknowns.add(*limit), parts)

    fitting = [
        values
        for values in product(*(range(low, high + 1) for low, high in cells))
        if rows[0][0] <= values[0] + values[1] <= rows[0][1]
        and rows[1][0] <= values[2] + values[3] <= rows[1][1]
        and columns[0][0] <= values[0] + values[2] <= columns[0][1]
        and columns[1][0] <= values[1] + values[3] <= columns[1][1]
    ]
    found = narrow(unknowns)

    if not fitting:
        assert found is None
        return
    spans = {str(index): (min(column), max(column)) for index, column in enumerate(zip(*fitting, strict=True))}
    expected = {name: span for name, span in spans.items() if span[1] >= 1 and span[0] < 5 and span[1] - span[0] < 4}
    assert {one.name[3]: (one.low, one.high) for one in found or ()} == expected


@settings(max_examples=60, deadline=None)
@given(size=st.integers(1, 9), total=st.integers(0, 40))
def test_numbers_that_cannot_be_told_apart_have_the_same_limits(size: int, total: int) -> None:
    unknowns = Unknowns()
    numbers = [unknowns.add(0, 4, ("2026", 1, "t", str(index), "c")) for index in range(size)]
    unknowns.equal(unknowns.add(total, total), numbers)
    low, high = max(0, total - 4 * (size - 1)), min(4, total)
    found = narrow(unknowns)

    if total > 4 * size:
        assert found is None
    elif high - low >= 4 or high == 0:
        assert found == []
    else:
        assert {(one.low, one.high) for one in found or ()} == {(low, high)}
        assert len(found or ()) == size
