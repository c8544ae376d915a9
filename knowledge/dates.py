"""Meetings and deadlines: on which days, or how often, where, and who knows more."""

import re
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, datetime, time
from enum import StrEnum

from knowledge.model import Audience, Several, Strict

_DAY = re.compile(r"\d{4}-\d\d-\d\d(T\d\d:\d\d)?")


class DateKind(StrEnum):
    MEETING = "meeting"
    DEADLINE = "deadline"


@dataclass(frozen=True, slots=True, kw_only=True)
class Date(Strict):
    """A meeting, a circle, a deadline. *days* are known days; *when* says in words how often, where no day is known.

    *actor* can tell more. *answers* are the short answers with which the coming days are shown.
    """

    id: str
    title: str
    audiences: tuple[Audience, ...]
    actor: str
    source: Several
    as_of: str
    kind: DateKind = DateKind.MEETING
    days: tuple[str, ...] = ()
    when: str = ""
    place: str = ""
    answers: tuple[str, ...] = ()

    def coming(self, at: datetime) -> tuple[date | datetime, ...]:
        """The days that are not over at local time *at*, the next one first. A whole day is over at its midnight."""
        return tuple(sorted((day for text in self.days if not over(day := parse(text), at)), key=_order))

    def current(self, at: datetime) -> bool:
        """Whether there is still something to say: a coming day, or words that hold on."""
        return bool(self.when or self.coming(at))


def parse(text: str) -> date | datetime:
    """ "2027-01-14" as a day, "2027-01-14T14:00" as a local time. ValueError says what would be right."""
    try:
        if not _DAY.fullmatch(text):
            raise ValueError(text)
        return datetime.fromisoformat(text) if "T" in text else date.fromisoformat(text)
    except ValueError:
        raise ValueError(f"'{text}' is not a day; write it like 2027-01-14 or 2027-01-14T14:00") from None


def over(day: date | datetime, at: datetime) -> bool:
    """Whether *day* has passed at local time *at*; what has begun today is still shown today."""
    return (day.date() if isinstance(day, datetime) else day) < at.date()


def for_audience(dates: Iterable[Date], audience: Audience | None, at: datetime) -> list[Date]:
    """What *audience* may come to and is not over; the nearest day first, then what has no day, in their order."""
    current = [one for one in dates if (audience is None or audience in one.audiences) and one.current(at)]
    return sorted(current, key=lambda one: _order(next(iter(one.coming(at)), date.max)))


def _order(day: date | datetime) -> datetime:
    return day if isinstance(day, datetime) else datetime.combine(day, time())
