"""Schools and parts of town in the conversation: found with typos, never kept as typed, counted by nobody."""

from dataclasses import replace
from datetime import datetime
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from handlers import Conversation, Press, Situation, Turn, Utterance, record, respond
from handlers.crisis import in_danger
from handlers.dialogue import Referred
from handlers.refer import by_district, decisive, responsible
from handlers.school import OFFERED, hits
from handlers.screens import open_question
from knowledge.base import Knowledge
from knowledge.districts import DISTRICT
from knowledge.model import UNSURE, Audience
from knowledge.schools import FORM, SCHOOL

AT = datetime(2026, 11, 20, 10, 0, tzinfo=ZoneInfo("Europe/Berlin"))
ASKED = Conversation(region="beispielstadt", audience=Audience.PARENT, greeted=True, concern="bussgeld")
LIVES = replace(ASKED, concern="familie-erziehung")


def says(town: Knowledge, conversation: Conversation, text: str, **more: bool) -> Turn:
    """The answer to *text* below the question as it stands."""
    shown = presses(town, conversation, "do/continue").conversation
    return respond(town, shown, Utterance(text, AT), **more)


def presses(town: Knowledge, conversation: Conversation, value: str) -> Turn:
    return respond(town, conversation, Press(value, AT))


def values(turn: Turn) -> list[str]:
    return [button.value for button in turn.replies[-1].buttons]


@pytest.mark.parametrize(
    ("typed", "school"),
    [
        ("Musterschule Beispielstadt", "900001"),
        ("mein kind geht auf die mustershule", "900001"),
        ("gs muster", "900001"),
        ("gesamtschule am muehlenkamp", "900002"),
        ("Gymnasum Lindenhof", "900003"),
        ("foerderschule ziegelei", "900004"),
    ],
)
def test_a_school_is_found_by_its_name_with_typos_and_offered(town: Knowledge, typed: str, school: str) -> None:
    turn = says(town, ASKED, typed)

    assert values(turn)[0] == f"school/{school}"
    assert len([value for value in values(turn) if value.startswith("school/")]) <= OFFERED
    assert "do/continue" in values(turn)
    assert f"a//{FORM}/{UNSURE}" in values(turn)


@pytest.mark.parametrize("typed", ["Gymnasium", "grundschule", "hauptschule"])
def test_the_form_alone_answers_as_ever(town: Knowledge, typed: str) -> None:
    turn = says(town, ASKED, typed)

    assert SCHOOL not in dict(turn.conversation.answers)
    assert FORM in dict(turn.conversation.answers)


@pytest.mark.parametrize(
    ("school", "first"),
    [("900001", "bei-schulamt"), ("900003", "bei-bezirk"), ("900004", "bei-bezirk"), ("900005", "bei-schulamt")],
)
def test_the_authority_follows_from_the_row_else_from_the_form(town: Knowledge, school: str, first: str) -> None:
    turn = presses(town, ASKED, f"school/{school}")

    assert [event.actors for event in turn.events if isinstance(event, Referred)] == [(first,)]


def test_only_the_authority_of_the_school_is_named(town: Knowledge) -> None:
    pack = town.pack("beispielstadt", "de")
    answers = {FORM: "foerderschule", SCHOOL: "900004"}

    found = [entry.actor for entry in responsible(pack, "bussgeld", Audience.PARENT, answers)]

    assert "bei-bezirk" in found
    assert "bei-schulamt" not in found
    assert decisive(pack, "bussgeld", Audience.PARENT, answers) == (FORM,)


@pytest.mark.parametrize("value", ["school/999999", "school", "a//schulform/900001", "a//schule/900001"])
def test_an_unknown_school_leads_back_to_the_question(town: Knowledge, value: str) -> None:
    turn = presses(town, ASKED, value)

    assert open_question(Situation(town, turn.conversation, Press("do/continue", AT)))


def test_a_school_of_another_city_is_stale_and_its_question_is_not_asked_there(town: Knowledge) -> None:
    elsewhere = replace(ASKED, region="dortmund")

    assert not [value for value in values(says(town, elsewhere, "Musterschule")) if value.startswith("school/")]
    assert SCHOOL not in dict(presses(town, elsewhere, "school/900001").conversation.answers)


def test_back_asks_for_the_school_again_and_forgets_it(town: Knowledge) -> None:
    chosen = presses(town, ASKED, "school/900001")
    again = presses(town, chosen.conversation, "do/back")

    assert again.conversation.answers == ()
    assert f"a//{FORM}/{UNSURE}" in values(again)


def test_another_form_than_that_of_the_school_replaces_both(town: Knowledge) -> None:
    chosen = presses(town, ASKED, "school/900001")
    changed = presses(town, chosen.conversation, f"a//{FORM}/gymnasium-bk")

    assert dict(changed.conversation.answers) == {FORM: "gymnasium-bk"}


def test_danger_comes_before_the_name_of_a_school(town: Knowledge) -> None:
    assert "112" in says(town, ASKED, "Musterschule ich will nicht mehr leben").replies[0].text


def test_a_channel_without_free_text_offers_no_names(town: Knowledge) -> None:
    assert not [value for value in values(says(town, ASKED, "Musterschule", free_text=False)) if "school/" in value]


@settings(max_examples=60, deadline=None)
@given(st.text(min_size=3, max_size=40), st.sampled_from(["Musterschule", "Lindenhof", "Nordviertel", "00012", ""]))
def test_nothing_typed_is_kept_and_no_place_is_counted(town: Knowledge, noise: str, name: str) -> None:
    known = town.pack("beispielstadt", "de")
    for conversation in (ASKED, LIVES):
        turn = says(town, conversation, f"{name} {noise}")
        allowed = {*known.schools, *known.districts, UNSURE}
        assert all(option in allowed for key, option in turn.conversation.answers if key in (SCHOOL, DISTRICT))
        cells = [cell for event in turn.events for cell in record(event, turn.conversation)]
        counted = " ".join(f"{cell.concern} {cell.actor} {cell.audience} {cell.outcome}" for cell in cells)
        assert not any(place in counted for place in (*known.schools, *known.districts))


def test_a_chosen_school_and_district_are_counted_by_nobody(town: Knowledge) -> None:
    for turn in (presses(town, ASKED, "school/900001"), presses(town, LIVES, f"a//{DISTRICT}/nordviertel")):
        cells = [cell for event in turn.events for cell in record(event, turn.conversation)]
        assert cells
        assert not any(place in repr(cells) for place in ("900001", "Muster", "nordviertel", "Nordviertel"))


@pytest.mark.parametrize(
    ("typed", "districts"),
    [
        ("nordvirtel", ["nordviertel"]),
        ("bei der alten ziegelei", ["nordviertel"]),
        ("lindenhoff", ["suedviertel"]),
        ("00012", ["suedviertel", "am-hafen"]),
        ("00099", []),
    ],
)
def test_a_part_of_town_is_found_by_its_names_and_a_postal_code_only_as_it_is(
    town: Knowledge, typed: str, districts: list[str]
) -> None:
    situation = Situation(town, LIVES, Utterance(typed, AT))

    assert hits(situation, open_question(situation)) == districts


def test_a_postal_code_of_one_part_of_town_answers_at_once(town: Knowledge) -> None:
    assert dict(says(town, LIVES, "00011").conversation.answers) == {DISTRICT: "nordviertel"}


def test_not_saying_where_one_lives_excludes_nobody(town: Knowledge) -> None:
    pack = town.pack("beispielstadt", "de")
    everyone = responsible(pack, "familie-erziehung", Audience.PARENT, {})

    assert responsible(pack, "familie-erziehung", Audience.PARENT, {DISTRICT: UNSURE}) == everyone
    assert not by_district(pack, "familie-erziehung", Audience.PARENT, {DISTRICT: UNSURE})


def test_the_part_of_town_is_asked_only_where_it_makes_a_difference(town: Knowledge) -> None:
    pack = town.pack("beispielstadt", "de")
    asked = {concern for concern in pack.concerns if by_district(pack, concern, Audience.PARENT, {})}

    assert asked == {"familie-erziehung", "hilfe-vom-jugendamt"}


def test_cities_without_schools_and_districts_ask_for_none(knowledge: Knowledge) -> None:
    assert knowledge.places == {}
    for region in knowledge.regions:
        pack = knowledge.pack(region, "de")
        assert not pack.schools
        assert not any(by_district(pack, concern, who, {}) for concern in pack.concerns for who in Audience)


def test_no_way_out_of_these_questions_sounds_like_danger_in_any_language(town: Knowledge) -> None:
    for texts in town.texts.values():
        for text in {texts.rather_not_button.sie, texts.rather_not_button.du}:
            assert not in_danger(town, text, town.search.rank(text)), text


def test_the_card_of_the_own_school_is_that_of_the_chosen_one(town: Knowledge) -> None:
    asked = replace(ASKED, concern="schulsozialarbeit")
    card = presses(town, asked, "school/900001").replies[-1].card

    assert card is not None
    assert card.actor == "eigene-schule"
    assert card.title == "Musterschule Beispielstadt (erfunden)"
    assert [line.value for line in card.lines if line.kind == "phone"] == [
        "030 23125100",
        "030 23125101 (Ansprechperson bei Fehlzeiten)",
        "030 23125102 (Schulsozialarbeit)",
    ]
