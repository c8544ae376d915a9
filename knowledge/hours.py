"""Opening hours: from "Mo-Do 09:00-17:00" to "open until 17:00" or "opens on Monday at 9"."""

import re
from collections.abc import Container, Sequence
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta

DAYS = ("Mo", "Di", "Mi", "Do", "Fr", "Sa", "So")
ALWAYS = "Mo-So 00:00-24:00"
_LINE = re.compile(r"(Mo|Di|Mi|Do|Fr|Sa|So)(?:-(Mo|Di|Mi|Do|Fr|Sa|So))? (\d\d):(\d\d)-(\d\d):(\d\d)")


@dataclass(frozen=True, slots=True)
class Hours:
    """A span on some weekdays (0 = Monday), in minutes of the day; *end* may be 1440."""

    days: tuple[int, ...]
    start: int
    end: int


@dataclass(frozen=True, slots=True)
class Open:
    """Open now. *until* is None if it never closes."""

    until: time | None


@dataclass(frozen=True, slots=True)
class Opens:
    """Closed now; the next opening."""

    at: datetime


def parse(line: str) -> Hours:
    """ "Mo-Do 09:00-17:00" as Hours. ValueError says what would be right."""
    match = _LINE.fullmatch(line)
    if match is None:
        raise ValueError(f"'{line}' is not an opening time; write it like 'Mo-Do 09:00-17:00' or '{ALWAYS}'")
    first, last, *clock = match.groups()
    begin, finish = DAYS.index(first), DAYS.index(last or first)
    start, end = int(clock[0]) * 60 + int(clock[1]), int(clock[2]) * 60 + int(clock[3])
    if finish < begin or not 0 <= start < end <= 1440 or int(clock[1]) > 59 or int(clock[3]) > 59:
        raise ValueError(f"'{line}' ends before it starts or names an impossible time")
    return Hours(tuple(range(begin, finish + 1)), start, end)


def status(lines: Sequence[str], at: datetime, closed: Container[date]) -> Open | Opens | None:
    """Whether it is open at local time *at*; on the days in *closed* only those open around the clock are.

    None if there are no *lines*, or nothing opens within two weeks. The lines are valid (checked when loaded).
    """
    if ALWAYS in lines:
        return Open(None)
    spans = [parse(line) for line in lines]
    minute = at.hour * 60 + at.minute
    for ahead in range(15):
        day = at.date() + timedelta(days=ahead)
        if day in closed:
            continue
        for span in sorted((span for span in spans if day.weekday() in span.days), key=lambda span: span.start):
            if ahead == 0 and span.start <= minute < span.end:
                return Open(time(span.end // 60 % 24, span.end % 60))
            if ahead or span.start > minute:
                return Opens(datetime.combine(day, time(span.start // 60, span.start % 60), tzinfo=at.tzinfo))
    return None
