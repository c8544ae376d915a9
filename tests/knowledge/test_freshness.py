"""How fresh a fact is, and what a card says about one that is overdue."""

from dataclasses import replace
from datetime import date, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from handlers.cards import brief, card
from handlers.dialogue import Card, Conversation, Press
from handlers.situation import Situation
from knowledge.base import Knowledge
from knowledge.check.directory import FORMATS
from knowledge.freshness import State, aged, of, state
from knowledge.model import Actor, Audience, Fact, Pack
from tests.conftest import AT

TODAY = date(2026, 11, 22)


@pytest.mark.parametrize(
    ("as_of", "expected"),
    [
        ("unknown", State.NEVER),
        ("2026-11-22", State.FRESH),
        ("2026-02-23", State.FRESH),
        ("2026-02-22", State.DUE),
        ("2025-11-23", State.DUE),
        ("2025-11-22", State.OVERDUE),
        ("2026-03", State.FRESH),
        ("2026-02", State.DUE),
        ("2026", State.DUE),
        ("2025", State.OVERDUE),
        ("2026-02-31", State.FRESH),  # no such day; the last one of its month counts
    ],
)
def test_a_statement_is_due_after_nine_months_and_overdue_after_twelve(as_of: str, expected: State) -> None:
    assert state(as_of, TODAY, months=12) is expected


@given(st.dates(date(2016, 1, 1), TODAY))
def test_a_rougher_date_never_looks_fresher(day: date) -> None:
    order = list(State)
    whole = order.index(state(day.isoformat(), TODAY, months=12))

    assert order.index(state(day.isoformat()[:7], TODAY, months=12)) <= whole
    assert order.index(state(str(day.year), TODAY, months=12)) <= whole


@given(st.dates(date(2016, 1, 1), TODAY), st.integers(1, 60), st.integers(0, 3000))
def test_nothing_gets_fresher_with_time_or_staler_with_a_longer_rule(day: date, months: int, days: int) -> None:
    order, later = list(State), TODAY + timedelta(days=days)
    now = order.index(state(day.isoformat(), TODAY, months=months))

    assert order.index(state(day.isoformat(), later, months=months)) <= now
    assert order.index(state(day.isoformat(), TODAY, months=months + 1)) >= now


@pytest.mark.parametrize(
    ("valid_until", "expected"),
    [
        ("2026-11-21", State.OVERDUE),
        ("2026-11-22", State.DUE),
        ("2026-11", State.DUE),
        ("2026", State.DUE),
        ("2027-03", State.FRESH),
    ],
)
def test_a_fact_with_an_end_of_its_own_holds_until_the_end_of_that_day(valid_until: str, expected: State) -> None:
    assert state("2019", TODAY, months=12, valid_until=valid_until) is expected
    assert state("unknown", TODAY, months=12, valid_until=valid_until) is expected


def phone(value: str, as_of: str, **more: object) -> Fact:
    return Fact(kind="phone", value=value, source=("Stadt",), as_of=as_of, **more)  # type: ignore[arg-type]


def office(actor_id: str, *facts: Fact, kind: str = "municipal") -> Actor:
    return Actor(
        id=actor_id, name=actor_id, short=actor_id, kind=kind, audiences=(Audience.PARENT,), does={}, facts=facts
    )


def shown(knowledge: Knowledge, pack: Pack, *actors: Actor, **more: object) -> tuple[Situation, Card]:
    """The card of the first actor in a city whose switchboard is the last one."""
    changed = replace(
        pack,
        actors={**pack.actors, **{actor.id: actor for actor in actors}},
        switchboard=actors[-1].id,
        coordination=actors[-1].id,
        **more,  # type: ignore[arg-type]
    )
    known = replace(knowledge, packs={("dortmund", "de"): changed})
    situation = Situation(known, Conversation("dortmund", Audience.PARENT), Press("", AT))
    return situation, card(situation, actors[0])


OLD = phone("0231 1111111", "2020")
ADDRESS = Fact(kind="address", value="Platz 1", source=("Stadt",), as_of="2026-11")


def test_an_overdue_number_is_replaced_by_a_confirmed_one_to_ask_and_stands_last(
    knowledge: Knowledge, pack: Pack
) -> None:
    _, made = shown(knowledge, pack, office("amt", OLD, ADDRESS), office("zentrale", phone("0231 2222222", "2026-11")))

    contacts = [line for line in made.lines if line.kind in {"no-phone", "ask", "phone", "address"}]
    assert [line.kind for line in contacts] == ["no-phone", "address", "phone"]
    assert "zentrale, Telefon 0231 2222222" in contacts[0].value
    assert contacts[-1].hint == "Stand 2020, bitte prüfen"


def test_without_a_confirmed_one_the_overdue_number_stays_first_and_somebody_else_is_named(
    knowledge: Knowledge, pack: Pack
) -> None:
    _, made = shown(knowledge, pack, office("amt", OLD, ADDRESS), office("zentrale", phone("0231 2222222", "2019")))

    contacts = [line for line in made.lines if line.kind in {"no-phone", "ask", "phone", "address"}]
    assert [line.kind for line in contacts] == ["phone", "ask", "address"]
    assert "zentrale, Telefon 0231 2222222" in contacts[1].value


@pytest.mark.parametrize("as_of", ["2026-11", "2026-02", "unknown"])
def test_a_number_that_is_not_overdue_stands_alone(knowledge: Knowledge, pack: Pack, as_of: str) -> None:
    old = phone("0231 1111111", as_of)

    _, made = shown(knowledge, pack, office("amt", old), office("zentrale", phone("0231 2222222", "2026-11")))

    assert "0231 2222222" not in str(made)


def test_lines_for_danger_and_of_the_whole_country_stand_first_however_old(knowledge: Knowledge, pack: Pack) -> None:
    for line in (office("linie", OLD), office("linie", OLD, kind="national")):
        lines = ("linie",) if line.kind == "municipal" else pack.crisis_lines
        situation, made = shown(
            knowledge, pack, line, office("zentrale", phone("0231 2222222", "2026-11")), crisis_lines=lines
        )

        assert made.lines[0].kind == "phone"
        assert brief(situation, line) == "linie: 0231 1111111"


def test_in_a_list_an_overdue_number_has_its_date(knowledge: Knowledge, pack: Pack) -> None:
    amt = office("amt", OLD)
    situation, _ = shown(knowledge, pack, amt, office("zentrale"))

    assert brief(situation, amt) == "amt: 0231 1111111 (Stand 2020)"


def test_overdue_hours_say_nothing_about_now(knowledge: Knowledge, pack: Pack) -> None:
    hours = Fact(kind="hours", value="immer", source=("Stadt",), as_of="2026-11", opens=("Mo-So 00:00-24:00",))
    values = {}
    for as_of in ("2026-11", "2020"):
        _, made = shown(knowledge, pack, office("amt", replace(hours, as_of=as_of)), office("zentrale"))
        values[as_of] = next(line.value for line in made.lines if line.kind == "hours")

    assert values == {"2026-11": "immer – immer erreichbar", "2020": "immer"}


def test_a_pack_may_say_how_long_its_facts_hold(pack: Pack) -> None:
    fact = phone("0231 1111111", "2025-01")

    assert of(fact, pack, TODAY) is State.OVERDUE
    assert of(fact, replace(pack, valid_months=36), TODAY) is State.FRESH


def test_what_users_see_is_listed_the_worst_first(pack: Pack) -> None:
    found = aged(pack, TODAY)
    order = [list(State).index(one.state) for one in found]

    assert order == sorted(order)
    assert not any(one.fact.internal for one in found)
    assert all(one.actor.facts[one.index] is one.fact for one in found)


@pytest.mark.parametrize("kind", FORMATS)
def test_the_form_of_every_shipped_contact_is_right(pack: Pack, kind: str) -> None:
    pattern, example = FORMATS[kind]
    values = {fact.value for actor in pack.actors.values() for fact in actor.facts if fact.kind == kind}

    assert values
    assert not {value for value in values if not pattern.fullmatch(value)}
    assert all(pattern.fullmatch(one) for one in example.replace(" or ", ", ").split(", "))


@pytest.mark.parametrize(
    ("kind", "value"),
    [
        ("email", "amt@stadt"),
        ("email", "amt@-stadt.de"),
        ("email", "amt@stadt.d"),
        ("email", "amt stadt.de"),
        ("web", "https://"),
        ("web", "https://stadt"),
        ("web", "https://stadt-.de/seite"),
        ("web", "ftp://stadt.de"),
        ("web", "www.stadt.de/eine seite"),
    ],
)
def test_what_is_no_address_is_none(kind: str, value: str) -> None:
    assert not FORMATS[kind][0].fullmatch(value)


def test_a_number_of_unknown_date_whose_end_has_passed_is_told_so(knowledge: Knowledge, pack: Pack) -> None:
    amt = office("amt", phone("0231 1111111", "unknown", valid_until="2020"))
    situation, made = shown(knowledge, pack, amt, office("zentrale"))

    assert brief(situation, amt) == "amt: 0231 1111111 (Stand unbekannt)"
    assert made.lines[0].hint == "Stand unbekannt, bitte prüfen"
