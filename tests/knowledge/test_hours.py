"""Opening hours against an independent calendar, minute by minute where it matters."""

from datetime import date, datetime, time, timedelta
from zoneinfo import ZoneInfo

import holidays
import pytest
from hypothesis import given
from hypothesis import strategies as st

from knowledge.hours import ALWAYS, DAYS, Open, Opens, parse, status

ZONE = ZoneInfo("Europe/Berlin")
OFFICE = ("Mo-Do 09:00-17:00", "Fr 09:00-13:00")
NRW = holidays.country_holidays("DE", subdiv="NW")


@pytest.mark.parametrize(
    ("moment", "expected"),
    [
        ("2026-11-19 08:59", Opens(datetime(2026, 11, 19, 9, 0, tzinfo=ZONE))),
        ("2026-11-19 09:00", Open(time(17, 0))),
        ("2026-11-19 16:59", Open(time(17, 0))),
        ("2026-11-19 17:00", Opens(datetime(2026, 11, 20, 9, 0, tzinfo=ZONE))),
        ("2026-11-20 13:00", Opens(datetime(2026, 11, 23, 9, 0, tzinfo=ZONE))),
        ("2026-05-01 10:00", Opens(datetime(2026, 5, 4, 9, 0, tzinfo=ZONE))),  # 1 May, then a weekend
        ("2026-06-04 10:00", Opens(datetime(2026, 6, 5, 9, 0, tzinfo=ZONE))),  # Corpus Christi: a holiday in NRW
    ],
)
def test_an_office_is_open_when_its_door_says_so(moment: str, expected: Open | Opens) -> None:
    at = datetime.fromisoformat(moment).replace(tzinfo=ZONE)

    assert status(OFFICE, at, NRW) == expected


def test_round_the_clock_is_open_on_holidays_too() -> None:
    assert status([ALWAYS], datetime(2026, 12, 25, 3, 0, tzinfo=ZONE), NRW) == Open(None)


def test_without_machine_hours_nothing_is_claimed() -> None:
    assert status([], datetime(2026, 11, 19, 10, 0, tzinfo=ZONE), NRW) is None


@given(minutes=st.integers(0, 60 * 24 * 366))
def test_every_minute_of_2028_agrees_with_a_plain_calendar(minutes: int) -> None:
    at = datetime(2028, 1, 1, tzinfo=ZONE) + timedelta(minutes=minutes)
    spans = {0: (540, 1020), 1: (540, 1020), 2: (540, 1020), 3: (540, 1020), 4: (540, 780)}
    minute = at.hour * 60 + at.minute
    begin, end = spans.get(at.weekday(), (0, 0))
    is_open = begin <= minute < end and at.date() not in NRW

    found = status(OFFICE, at, NRW)

    assert isinstance(found, Open) == is_open
    if isinstance(found, Opens):
        assert found.at > at
        assert found.at.date() not in NRW


@pytest.mark.parametrize(
    "line",
    ["", "Mo-Do 9-17", "Mo-Do 17:00-09:00", "Do-Mo 09:00-17:00", "Mo 09:00-25:00", "Mo 09:60-10:00", "Mon 09:00-10:00"],
)
def test_a_wrong_line_says_what_would_be_right(line: str) -> None:
    with pytest.raises(ValueError, match=r"Mo-Do 09:00-17:00|ends before it starts"):
        parse(line)


def test_days_are_german_weekdays_from_monday() -> None:
    assert DAYS[date(2026, 11, 16).weekday()] == "Mo"
    assert parse("Sa-So 10:00-24:00").days == (5, 6)
