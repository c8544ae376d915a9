"""Periods as ISO weeks: months, quarters and years. A week belongs to the month of its Thursday, so each to one."""

import re
from collections.abc import Sequence
from datetime import date, timedelta

WEEK = timedelta(days=7)
PERIOD = re.compile(r"(?P<year>20\d\d)(-(?P<month>0[1-9]|1[0-2])|-Q(?P<quarter>[1-4]))?")


def is_period(text: str) -> bool:
    """Whether *text* names a year, a quarter or a month: "2026", "2026-Q4", "2026-11"."""
    return PERIOD.fullmatch(text) is not None


def is_year(period: str) -> bool:
    return len(period) == 4


def is_month(period: str) -> bool:
    return len(period) == 7 and "Q" not in period


def thursday(week: str) -> date:
    """The Thursday of an ISO week ("2026-W47")."""
    return date.fromisocalendar(int(week[:4]), int(week[6:]), 4)


def week_of(day: date) -> str:
    year, week, _ = day.isocalendar()
    return f"{year}-W{week:02}"


def month_of(week: str) -> str:
    return thursday(week).isoformat()[:7]


def quarter_of(week: str) -> str:
    day = thursday(week)
    return f"{day.year}-Q{(day.month + 2) // 3}"


def weeks_of(period: str) -> tuple[str, ...]:
    """The weeks of *period*, in order. ValueError if it is none."""
    found = PERIOD.fullmatch(period)
    if found is None:
        raise ValueError(f"{period!r} is not a period; right are 2026, 2026-Q4 and 2026-11")
    year, first, months = int(found["year"]), 1, 12
    if found["month"]:
        first, months = int(found["month"]), 1
    elif found["quarter"]:
        first, months = int(found["quarter"]) * 3 - 2, 3
    day, last = date(year, first, 1), first + months - 1
    day += timedelta(days=(3 - day.weekday()) % 7)  # the first Thursday
    weeks = []
    while (day.year, day.month) <= (year, last):
        weeks.append(week_of(day))
        day += WEEK
    return tuple(weeks)


def finished(period: str, today: date) -> bool:
    """Whether the last week of *period* is over."""
    return over(weeks_of(period)[-1], today)


def over(week: str, today: date) -> bool:
    """Whether Sunday of *week* lies before *today*."""
    return thursday(week) + timedelta(days=3) < today


def between(first: str, last: str) -> tuple[str, ...]:
    """All weeks from *first* to *last*, in order."""
    weeks, day = [], thursday(first)
    while day <= thursday(last):
        weeks.append(week_of(day))
        day += WEEK
    return tuple(weeks)


def periods(weeks: Sequence[str]) -> tuple[str, ...]:
    """The months, quarters and years that *weeks* lie in: a month before its quarter, a quarter before its year."""
    found = {name(week) for week in weeks for name in (month_of, quarter_of, _year)}
    return tuple(sorted(found, key=lambda period: (weeks_of(period)[-1], len(weeks_of(period)))))


def _year(week: str) -> str:
    return week[:4]
