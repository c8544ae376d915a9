"""What Telegram delivers, read: every kind of message, and whatever else JSON can be."""

import copy
import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.buttons import STALE, Buttons
from bot.channels.port import Incoming
from bot.channels.telegram.updates import Leave, Malformed, Read, number, read
from handlers.dialogue import Conversation, Utterance
from handlers.engine import respond
from knowledge.base import Knowledge
from tests.bot.channels.telegram_bot import BUTTONS
from tests.conftest import AT
from tests.servers.telegram import Group, Person, World
from tests.servers.telegram.people import MEDIA

VALUE = "a/fehlzeiten/dauer/tage"


@pytest.fixture
def world() -> World:
    return World()


def meaning(knowledge: Knowledge, world: World) -> Read:
    return read(world.pending.pop(), knowledge, BUTTONS)


def understood(knowledge: Knowledge, world: World) -> Incoming:
    found = meaning(knowledge, world)
    assert isinstance(found, Incoming)
    return found


def typed(knowledge: Knowledge, text: str) -> tuple[str | None, str | None]:
    world = World()
    Person(world).says(text)
    found = understood(knowledge, world)
    return found.text, found.press


def test_a_message_says_who_wrote_what_in_which_language(knowledge: Knowledge, world: World) -> None:
    person = Person(world, language="pt-BR")
    identity = person.says("Moin")

    found = understood(knowledge, world)

    assert found == Incoming("telegram", str(person.id), "Moin", id=str(identity), sender=str(person.id), language="pt")
    assert "Moin" not in repr(found)


def test_an_edited_message_counts_as_a_new_one(knowledge: Knowledge, world: World) -> None:
    person = Person(world)
    first = person.says("Moin")
    second = person.edits("Mein Kind geht nicht zur Schule")

    found = understood(knowledge, world)

    assert found.text == "Mein Kind geht nicht zur Schule"
    assert found.id == str(second) != str(first)


def test_a_live_location_that_moves_is_mentioned_once(knowledge: Knowledge, world: World) -> None:
    person = Person(world)
    person.shares("location")
    assert understood(knowledge, world).press == "do/unreadable"
    world.happens("edited_message", person.chat.messages[1])
    assert meaning(knowledge, world) is None


@pytest.mark.parametrize("kind", sorted(MEDIA))
def test_what_is_no_text_gets_an_answer_and_is_never_looked_at(knowledge: Knowledge, world: World, kind: str) -> None:
    Person(world).shares(kind)
    assert understood(knowledge, world).press == "do/unreadable"


def test_the_words_below_a_picture_are_text(knowledge: Knowledge, world: World) -> None:
    Person(world).shares("photo", caption="Ich will nicht mehr leben")
    assert understood(knowledge, world).text == "Ich will nicht mehr leben"


def test_what_nobody_wrote_gets_no_answer(knowledge: Knowledge, world: World) -> None:
    Person(world).shares(pinned_message={"message_id": 1})
    assert meaning(knowledge, world) is None


def test_another_bot_gets_no_answer(knowledge: Knowledge, world: World) -> None:
    person = Person(world)
    person.user["is_bot"] = True
    person.says("Hallo")
    assert meaning(knowledge, world) is None


@pytest.mark.parametrize("name", ["hilfe", "neu", "zurueck", "sprache", "datenschutz", "loeschen", "mensch", "stopp"])
@pytest.mark.parametrize("suffix", ["", "@schullotse_bot", "@Schullotse_Bot "])
def test_a_command_is_left_to_the_words_of_the_engine(knowledge: Knowledge, name: str, suffix: str) -> None:
    assert typed(knowledge, f"/{name}{suffix}") == (f"/{name}", None)
    known = Conversation(region="dortmund", greeted=True)
    plain, slash = (respond(knowledge, known, Utterance(text, AT)).replies for text in (name, f"/{name}"))
    assert plain == slash


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("/start", (None, "do/start")),
        ("/START@schullotse_bot", (None, "do/start")),
        ("/start schulangst", (None, "c/schulangst")),
        ("/start jugendhilfedienst", (None, "k/jugendhilfedienst")),
        ("/start plakat-2026_03", (None, "do/start")),
        ("/start mein Kind kommt nicht zur Schule", ("mein Kind kommt nicht zur Schule", None)),
        ("/start ich will nicht mehr leben", ("ich will nicht mehr leben", None)),
        ("/start suizid", ("suizid", None)),
        ("/hilfe ich will sterben", ("/hilfe ich will sterben", None)),
        ("/", ("/", None)),
        ("// oder", ("// oder", None)),
    ],
)
def test_a_link_leads_to_its_concern_and_a_cry_is_no_code(
    knowledge: Knowledge, text: str, expected: tuple[str | None, str | None]
) -> None:
    assert typed(knowledge, text) == expected


def test_half_a_letter_does_not_reach_the_database(knowledge: Knowledge) -> None:
    text, _ = typed(knowledge, "Hilfe \ud83d und \x00")
    assert text is not None
    assert text.encode() == b"Hilfe ? und \x00"


def test_a_book_is_cut(knowledge: Knowledge) -> None:
    text, _ = typed(knowledge, "x" * 100_000)
    assert text == "x" * 4096


def button(label: str, value: str, chat: int) -> dict[str, str]:
    return {"text": label, "callback_data": BUTTONS.signed(str(chat), value)}


def keyboard(chat: int) -> list[list[dict[str, str]]]:
    return [
        [button("Als Kontakt speichern", "contact/kub", chat)],
        [{"text": "Karte", "url": "https://www.openstreetmap.org/"}],
        [button("Tage", VALUE, chat), button("Wochen", "a/fehlzeiten/dauer/wochen", chat)],
        [button("Neu anfangen", "do/restart", chat)],
    ]


def shown(world: World, person: Person) -> dict[str, Any]:
    return world.message(person.chat, person.user, text="-", reply_markup={"inline_keyboard": keyboard(person.id)})


def test_our_button_means_its_value_and_only_its_choice_stays(knowledge: Knowledge, world: World) -> None:
    person = Person(world)
    message = shown(world, person)
    person.presses_data(BUTTONS.signed(str(person.id), VALUE), message)

    found = understood(knowledge, world)

    assert (found.press, found.text) == (VALUE, None)
    assert found.mark["message"] == message["message_id"]
    assert [[each["text"] for each in row] for row in found.mark["keyboard"]] == [
        ["Als Kontakt speichern"],
        ["Karte"],
        ["✓ Tage"],
    ]
    assert json.loads(json.dumps(found.mark)) == found.mark


def test_the_chosen_button_can_be_pressed_again_without_a_second_tick(knowledge: Knowledge, world: World) -> None:
    person = Person(world)
    message = shown(world, person)
    data = BUTTONS.signed(str(person.id), VALUE)
    person.presses_data(data, message)
    message["reply_markup"] = {"inline_keyboard": understood(knowledge, world).mark["keyboard"]}

    person.presses_data(data, message)

    again = understood(knowledge, world)
    assert again.press == VALUE
    assert "keyboard" not in again.mark


def test_looking_at_a_card_leaves_the_buttons(knowledge: Knowledge, world: World) -> None:
    person = Person(world)
    person.presses_data(BUTTONS.signed(str(person.id), "contact/kub"), shown(world, person))
    assert "keyboard" not in understood(knowledge, world).mark


def test_a_choice_that_no_longer_counts_gets_no_tick(knowledge: Knowledge, world: World) -> None:
    person = Person(world)
    message = shown(world, person)
    old = Buttons(b"k" * 32, lambda: ("v0",)).signed(str(person.id), VALUE)
    message["reply_markup"]["inline_keyboard"] = [[{"text": "Tage", "callback_data": old}], *keyboard(person.id)[:2]]
    person.presses_data(old, message)

    found = understood(knowledge, world)

    assert found.press == STALE
    assert [[each["text"] for each in row] for row in found.mark["keyboard"]] == [["Als Kontakt speichern"], ["Karte"]]


@pytest.mark.parametrize("forged", ["do/forget", "c/schulangst" + "A" * 16, "", "ü" * 32, "old", "\ud800" * 20])
def test_a_forged_button_is_old(knowledge: Knowledge, world: World, forged: str) -> None:
    Person(world).presses_data(forged)
    assert understood(knowledge, world).press == STALE


def test_a_button_of_another_chat_is_old(knowledge: Knowledge, world: World) -> None:
    one, other = Person(world), Person(world)
    other.presses_data(BUTTONS.signed(str(one.id), VALUE))
    assert understood(knowledge, world).press == STALE


def test_a_group_is_left(knowledge: Knowledge, world: World) -> None:
    person = Person(world, language="tr")
    group = Group(world, person)
    assert meaning(knowledge, world) == Leave(str(group.chat.id), "tr")
    group.says(person, "Hallo Bot")
    assert meaning(knowledge, world) == Leave(str(group.chat.id), "tr")


def test_a_block_needs_no_answer(knowledge: Knowledge, world: World) -> None:
    Person(world).blocks()
    assert meaning(knowledge, world) is None


def test_kinds_that_nobody_asked_for_are_passed_over(knowledge: Knowledge) -> None:
    assert read({"update_id": 5, "message_reaction": {}}, knowledge, BUTTONS) is None


JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=8) | st.just("private"),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=5), inner, max_size=3),
    max_leaves=8,
)


def places(value: Any, path: tuple[Any, ...] = ()) -> list[tuple[Any, ...]]:
    inner = value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, list) else ()
    return [path, *(place for key, each in inner for place in places(each, (*path, key)))]


def changed(update: Any, path: tuple[Any, ...], value: Any) -> Any:
    if not path:
        return value
    made = copy.deepcopy(update)
    spot = made
    for key in path[:-1]:
        spot = spot[key]
    spot[path[-1]] = value
    return made


def samples() -> list[dict[str, Any]]:
    world = World()
    person = Person(world)
    person.says("Moin")
    person.edits("Servus")
    person.shares("photo", caption="Bild")
    person.presses_data(BUTTONS.signed(str(person.id), VALUE), shown(world, person))
    person.blocks()
    Group(world, person).says(person, "Hallo")
    return list(world.pending)


SAMPLES = samples()


@given(st.data())
def test_nothing_that_json_can_be_stops_the_reader(knowledge: Knowledge, data: st.DataObject) -> None:
    update = data.draw(st.sampled_from(SAMPLES))
    for _ in range(data.draw(st.integers(1, 3))):
        update = changed(update, data.draw(st.sampled_from(places(update))), data.draw(JSON))

    found = read(update, knowledge, BUTTONS)

    assert found is None or isinstance(found, Incoming | Leave | Malformed)
    if isinstance(found, Incoming):
        assert (found.text is None) != (found.press is None)
        assert found.id == str(number(update))
        json.dumps([found.text, found.press, found.mark], allow_nan=False).encode()


@given(JSON)
def test_anything_else_is_malformed(knowledge: Knowledge, value: Any) -> None:
    assert read({"update_id": 1, "message": value}, knowledge, BUTTONS) in (None, Malformed())
    assert read(value, knowledge, BUTTONS) == Malformed()
