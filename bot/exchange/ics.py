"""Opening hours as weekly events: iCalendar (RFC 5545). Only hours with a machine form; the clock is never asked."""

from collections.abc import Iterable, Iterator
from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

from icalendar import Calendar, Event, Timezone, TimezoneDaylight, TimezoneStandard

from bot.exchange.shared import identity, shared, since
from knowledge import hours
from knowledge.model import Actor, Fact

ZONE = ZoneInfo("Europe/Berlin")
DAYS = ("MO", "TU", "WE", "TH", "FR", "SA", "SU")
START = date(2000, 1, 1)  # events of hours without a date begin here; a weekly event needs some first day


def hours_ics(actor: Actor, *, home: str = "") -> bytes:
    """The opening hours of *actor*, one weekly event a line of `opens`; nothing at all if there are none.

    *home* is the pack the actor comes from; with it the UIDs are those of `schullotse export`. Unsure hours are left
    out, for a calendar has no place to say so. Public holidays are not: on them the card is right, this is not."""
    return calendar([(actor, home)]) if any(_certain(shared(actor))) else b""


def calendar(actors: Iterable[tuple[Actor, str]]) -> bytes:
    """The opening hours of *actors*, each with its home, in one calendar."""
    whole = Calendar()
    whole.add("PRODID", "-//Schullotse//DE")
    whole.add("VERSION", "2.0")
    whole.add_component(_zone())
    for actor, home in actors:
        public = shared(actor)
        for fact in _certain(public):
            for line in fact.opens:
                whole.add_component(_event(public, fact, line, home=home))
    return bytes(whole.to_ical())


def _certain(actor: Actor) -> Iterator[Fact]:
    return (fact for fact in actor.of_kind("hours") if fact.opens and not fact.unsure)


def _event(actor: Actor, fact: Fact, line: str, *, home: str) -> Event:
    span, known = hours.parse(line), since(fact.as_of) or START
    first = next(day for ahead in range(7) if (day := known + timedelta(ahead)).weekday() in span.days)
    places = actor.of_kind("address")
    event = Event()
    event.add("UID", f"{identity(home, actor.id, 'hours', fact.label, *fact.audiences, line)}")
    event.add("DTSTAMP", datetime.combine(known, time(), UTC))
    event.add("DTSTART", _at(first, span.start))
    event.add("DTEND", _at(first, span.end))
    event.add("RRULE", {"FREQ": "WEEKLY", "BYDAY": [DAYS[day] for day in span.days]})
    event.add("SUMMARY", " – ".join(part for part in (actor.short, fact.label) if part))
    event.add("DESCRIPTION", fact.value)
    if len(places) == 1:
        event.add("LOCATION", places[0].value)
    event.add("TRANSP", "TRANSPARENT")  # somebody else's hours must not block one's own day
    return event


def _at(day: date, minutes: int) -> datetime:
    """Minutes of a day as local time; 1440 is midnight of the next day."""
    return datetime.combine(day + timedelta(minutes // 1440), time(minutes % 1440 // 60, minutes % 60), ZONE)


def _zone() -> Timezone:
    """Europe/Berlin by the rule that holds since 1996, so that no time zone database changes the file."""
    zone = Timezone()
    zone.add("TZID", "Europe/Berlin")
    for kind, name, begin, month, before, after in (
        (TimezoneDaylight(), "CEST", datetime(1996, 3, 31, 2), 3, 1, 2),  # noqa: DTZ001 - a zone is told in local time
        (TimezoneStandard(), "CET", datetime(1996, 10, 27, 3), 10, 2, 1),  # noqa: DTZ001
    ):
        kind.add("DTSTART", begin)
        kind.add("TZOFFSETFROM", timedelta(hours=before))
        kind.add("TZOFFSETTO", timedelta(hours=after))
        kind.add("TZNAME", name)
        kind.add("RRULE", {"FREQ": "YEARLY", "BYMONTH": month, "BYDAY": "-1SU"})
        zone.add_component(kind)
    return zone
