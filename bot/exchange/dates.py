"""Meetings and deadlines for people and calendars: text, and iCalendar (RFC 5545). The clock is never asked."""

from datetime import UTC, datetime, time, timedelta

from icalendar import Calendar, Event

from bot.exchange.ics import START, ZONE
from bot.exchange.shared import identity, since
from knowledge.dates import Date, parse
from knowledge.model import Pack


def calendar(pack: Pack) -> bytes:
    """Every known day as one event, with the same UID in every export; what has no day is left out."""
    whole = Calendar()
    whole.add("PRODID", "-//Schullotse//DE")
    whole.add("VERSION", "2.0")
    for one in pack.dates.values():
        for day in one.days:
            whole.add_component(_event(pack, one, day))
    return bytes(whole.to_ical())


def text(pack: Pack) -> str:
    """All dates, days that are over among them."""
    lines = [
        f"{one.id}: {one.title} – {'; '.join(filter(None, (*one.days, one.when)))}"
        f" ({pack.actors[one.actor].short}; {one.source[0]}, {one.as_of})"
        for one in pack.dates.values()
    ]
    return "\n".join(lines or [f"{pack.name}: no dates.yaml"]) + "\n"


def _event(pack: Pack, one: Date, told: str) -> Event:
    home, day = pack.origin[f"date/{one.id}"].split("/")[0], parse(told)
    event = Event()
    event.add("UID", f"{identity(home, 'date', one.id, told)}")
    event.add("DTSTAMP", datetime.combine(since(one.as_of) or START, time(), UTC))
    if isinstance(day, datetime):  # told in UTC, so that the file needs no rule of a time zone; its end is unknown
        event.add("DTSTART", day.replace(tzinfo=ZONE).astimezone(UTC))
    else:
        event.add("DTSTART", day)
        event.add("DTEND", day + timedelta(days=1))
    event.add("SUMMARY", one.title)
    event.add("DESCRIPTION", " ".join(filter(None, (one.when, pack.actors[one.actor].name))))
    if one.place:
        event.add("LOCATION", one.place)
    return event
