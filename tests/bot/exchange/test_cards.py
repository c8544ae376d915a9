"""vCard and iCalendar: what an address book and a calendar read."""

import re
from dataclasses import replace
from datetime import time
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from icalendar import Calendar

from bot.exchange.ics import hours_ics
from bot.exchange.shared import contacts, shared
from bot.exchange.vcard import dialled, vcard
from knowledge.base import Knowledge
from knowledge.load import load
from knowledge.model import Actor, Pack
from tests.bot.exchange.actors import TRIED, actors
from tests.conftest import CACHE

KNOWLEDGE = load(cache=CACHE)
TEXTS = KNOWLEDGE.texts["de"]


def read(card: str) -> list[tuple[str, str]]:
    """Name and raw value of every line of a vCard, unfolded."""
    assert card.endswith("\r\n")
    unfolded = card.replace("\r\n ", "").removesuffix("\r\n").split("\r\n")
    return [(name, value) for name, _, value in (line.partition(":") for line in unfolded)]


def plain(value: str) -> str:
    return re.sub(r"\\(.)", lambda match: "\n" if match[1] == "n" else match[1], value, flags=re.DOTALL)


def carried(text: str) -> str:
    """The text as far as a vCard can carry it: no control characters."""
    lines = text.replace("\r\n", "\n").replace("\r", "\n")
    return "".join(char for char in lines if char in "\t\n" or (char >= " " and char != "\x7f"))


@TRIED
@given(actors())
def test_any_text_survives_a_vcard(actor: Actor) -> None:
    rows = read(vcard(actor, TEXTS, categories=[actor.name]))
    values = dict(rows)
    assert plain(values["FN"]) == plain(values["ORG"]) == plain(values["CATEGORIES"]) == carried(actor.name)
    for fact in contacts(actor):
        assert carried(fact.value) in plain(values["NOTE"])
    assert [name for name, _ in rows][:3] == ["BEGIN", "VERSION", "KIND"]
    assert rows[-1] == ("END", "VCARD")


def test_what_would_part_a_value_is_escaped(pack: Pack) -> None:
    actor = replace(pack.actors["kub"], name="A; B, C\\D\nE")
    rows = dict(read(vcard(actor, TEXTS, categories=["a,b", "c"])))
    assert rows["ORG"] == "A\\; B\\, C\\\\D\\nE"
    assert rows["CATEGORIES"] == "a\\,b,c"


@TRIED
@given(actors())
def test_no_line_of_a_vcard_is_longer_than_75_octets_or_cut_within_a_letter(actor: Actor) -> None:
    lines = vcard(actor, TEXTS).encode().split(b"\r\n")
    assert max(map(len, lines)) <= 75
    for line in lines:
        line.decode()


def test_a_card_holds_number_address_and_the_date_of_what_it_says(pack: Pack) -> None:
    rows = read(vcard(pack.actors["dortmund-kinderschutz-zentrum"], TEXTS, home="dortmund"))
    values = dict(rows)
    assert values["VERSION"] == "4.0"
    assert values["UID"] == "urn:uuid:" + str(values["UID"]).removeprefix("urn:uuid:")
    assert values["TEL;VALUE=uri;TYPE=voice"] == "tel:+49-231-2064580"
    assert values["ADR"] == ";;Gutenbergstraße 24;Dortmund;;44139;"
    assert values["URL"] == "https://www.kinderschutzzentrum-dortmund.de"
    assert values["REV"] == "20200701T000000Z"
    assert "Öffnungszeiten: Mo–Do 9–17 Uhr, Fr 9–13 Uhr – Stand 07/2020" in plain(values["NOTE"])


def test_an_unsure_number_says_so_beside_it(pack: Pack) -> None:
    rows = read(vcard(pack.actors["kjp-klinik"], TEXTS))
    at = rows.index(("item1.TEL;VALUE=uri;TYPE=voice", "tel:+49-231-9130190"))
    assert rows[at + 1] == ("item1.X-ABLABEL", "Klinik\\, im akuten Notfall – bitte prüfen")


@pytest.mark.parametrize("number", ["112", "110", "116 111", "116 117", "116016", "", "erst anrufen"])
def test_a_short_number_is_never_given_a_country(number: str) -> None:
    assert not dialled(number)


@pytest.mark.parametrize(
    ("number", "uri"),
    [("0231 50-12345", "tel:+49-231-5012345"), ("0800 1110111", "tel:+49-800-1110111"), ("+49 231 1", "")],
)
def test_a_number_is_dialled_with_its_country(number: str, uri: str) -> None:
    assert dialled(number) == uri


@pytest.mark.parametrize("flag", ["internal", "personal"])
def test_a_private_number_is_on_no_card(flag: str, pack: Pack) -> None:
    actor = pack.actors["kub"]
    private = replace(actor, facts=tuple(replace(fact, **{flag: True}) for fact in actor.facts))
    assert "5010017" in vcard(actor, TEXTS)
    assert "5010017" not in vcard(private, TEXTS)


def test_two_cities_with_the_same_id_have_two_cards(pack: Pack) -> None:
    actor = pack.actors["schulamt"]
    assert dict(read(vcard(actor, TEXTS, home="a")))["UID"] != dict(read(vcard(actor, TEXTS, home="b")))["UID"]


def test_opening_hours_are_weekly_events_in_local_time(pack: Pack) -> None:
    data = hours_ics(pack.actors["dortmund-kinderschutz-zentrum"], home="dortmund")
    week, friday = Calendar.from_ical(data).walk("VEVENT")
    assert week["RRULE"].to_ical() == b"FREQ=WEEKLY;BYDAY=MO,TU,WE,TH"
    assert week["DTSTART"].dt.tzinfo == ZoneInfo("Europe/Berlin")
    assert (week["DTSTART"].dt.time(), week["DTEND"].dt.time()) == (time(9), time(17))
    assert friday["DTSTART"].dt.weekday() == 4
    assert str(week["LOCATION"]) == "Gutenbergstraße 24, 44139 Dortmund"
    assert data == hours_ics(pack.actors["dortmund-kinderschutz-zentrum"], home="dortmund")


@TRIED
@given(actors())
def test_every_line_of_hours_is_an_event_that_begins_on_one_of_its_days(actor: Actor) -> None:
    data = hours_ics(actor)
    lines = [line for fact in actor.of_kind("hours") if not fact.unsure for line in fact.opens]
    events = Calendar.from_ical(data).walk("VEVENT") if data else []
    assert len(events) == len(lines)
    for event in events:
        days = event["RRULE"]["BYDAY"]
        assert ("MO", "TU", "WE", "TH", "FR", "SA", "SU")[event["DTSTART"].dt.weekday()] in days
        assert event["DTSTART"].dt < event["DTEND"].dt


def test_a_line_around_the_clock_lasts_a_day(pack: Pack) -> None:
    event, *_ = Calendar.from_ical(hours_ics(pack.actors["notruf-112"])).walk("VEVENT")
    assert (event["DTEND"].dt - event["DTSTART"].dt).total_seconds() == 24 * 3600


def test_unsure_hours_stay_out_of_calendars(knowledge: Knowledge, pack: Pack) -> None:
    actor = pack.actors["notruf-112"]
    unsure = replace(actor, facts=tuple(replace(fact, unsure=True) for fact in shared(actor).facts))
    assert hours_ics(actor)
    assert not hours_ics(unsure)
