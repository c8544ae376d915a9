"""Periods as weeks: every week in one month, every month in one quarter, no day forgotten."""

from datetime import date, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.review import period as calendar

days = st.dates(date(2001, 1, 8), date(2098, 12, 20))


@given(days)
def test_a_week_belongs_to_one_month_one_quarter_and_one_year(day: date) -> None:
    week = calendar.week_of(day)
    month, quarter = calendar.month_of(week), calendar.quarter_of(week)

    for period in (month, quarter, week[:4]):
        assert week in calendar.weeks_of(period)
    assert set(calendar.weeks_of(month)) <= set(calendar.weeks_of(quarter)) <= set(calendar.weeks_of(week[:4]))


@given(st.integers(2001, 2098))
def test_the_months_of_a_year_are_the_year(year: int) -> None:
    months = [week for month in range(1, 13) for week in calendar.weeks_of(f"{year}-{month:02}")]

    assert tuple(months) == calendar.weeks_of(str(year))
    assert {week[:4] for week in months} == {str(year)}


@given(days)
def test_a_week_is_over_on_the_monday_after_it(day: date) -> None:
    monday = day - timedelta(days=day.weekday())

    assert not calendar.over(calendar.week_of(day), monday + timedelta(days=6))
    assert calendar.over(calendar.week_of(day), monday + timedelta(days=7))


def test_a_month_comes_before_its_quarter_and_that_before_its_year() -> None:
    found = calendar.periods(calendar.between("2026-W45", "2027-W02"))

    assert found == ("2026-11", "2026-12", "2026-Q4", "2026", "2027-01", "2027-Q1", "2027")


@pytest.mark.parametrize("text", ["", "26", "2026-13", "2026-Q5", "2026-W47", "next year", "2026-1", "٢٠٢٦"])
def test_what_is_no_period_is_refused(text: str) -> None:
    assert not calendar.is_period(text)
    with pytest.raises(ValueError, match="2026-Q4"):
        calendar.weeks_of(text)
