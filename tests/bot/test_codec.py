"""Stored conversations: whatever a dialogue can reach comes back unchanged, anything else is nobody's conversation."""

import json
from datetime import timedelta

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from bot.store.codec import AGE, IDLE, Remembered, decode, encode
from handlers import Conversation, Message, Press, Utterance, respond
from handlers.dialogue import Button
from knowledge.base import Knowledge
from knowledge.model import Audience
from tests.conftest import AT

NOW = AT.timestamp()
SLOW = settings(max_examples=20, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
typed = st.sampled_from(
    [
        "hallo",
        "mein Kind hat Angst vor der Schule",
        "mein Sohn wird gemobbt und er kifft",
        "ich will nicht mehr leben",
        "Nummer vom Jugendamt",
        "zurück",
        "sprache",
        "english",
        "löschen",
        "xyzzy",
        "Klasse 8, Gymnasium",
    ]
)
steps = st.lists(st.integers(0, 11) | typed, min_size=1, max_size=10)


@SLOW
@given(walk=steps, audience=st.sampled_from([None, *Audience]))
def test_every_reachable_conversation_comes_back_unchanged(
    knowledge: Knowledge, walk: list[int | str], audience: Audience | None
) -> None:
    conversation = Conversation(audience=audience)
    for number, step in enumerate(walk):
        at = AT + timedelta(seconds=number)
        conversation = respond(knowledge, conversation, message(step, conversation)).conversation
        remembered = Remembered(conversation, NOW, at.timestamp())

        assert decode(encode(remembered)) == remembered


texts = st.none() | st.text(st.characters(exclude_categories=["Cs"]), max_size=20)
pairs = st.lists(st.tuples(st.text("abc-", max_size=5), st.text("abc-", max_size=5)), max_size=3).map(tuple)
any_conversation = st.builds(
    Conversation,
    region=texts,
    audience=st.none() | st.sampled_from(Audience),
    language=st.sampled_from(["de", "en", "tr"]),
    greeted=st.booleans(),
    concern=texts,
    flow=texts,
    answers=pairs,
    found=pairs,
    suggested=st.lists(st.text("abc-", max_size=5), max_size=3).map(tuple),
    offered=st.lists(st.builds(Button, st.text("äß„“ abc", max_size=9), st.text("a/b", max_size=9), st.booleans())).map(
        tuple
    ),
    short=texts,
    misses=st.integers(0, 9),
    counted=st.integers(0, 3),
)
times = st.floats(0, 2**33, allow_nan=False)


@given(conversation=any_conversation, born=times, touched=times)
def test_every_field_comes_back_unchanged(conversation: Conversation, born: float, touched: float) -> None:
    remembered = Remembered(conversation, born, touched)

    assert decode(encode(remembered)) == remembered


@given(foreign=st.binary(max_size=200))
def test_foreign_bytes_are_no_conversation(foreign: bytes) -> None:
    assert decode(foreign) is None


@pytest.mark.parametrize(
    "tree",
    [
        None,
        [],
        {},
        {"conversation": {}},
        {"conversation": {}, "born": 0, "touched": "soon"},
        {"conversation": {}, "born": 0, "touched": 0, "later": 1},
        {"conversation": {"a_new_field": 1}, "born": 0, "touched": 0},
        {"conversation": {"misses": "3"}, "born": 0, "touched": 0},
        {"conversation": {"greeted": "yes"}, "born": 0, "touched": 0},
        {"conversation": {"audience": "boss"}, "born": 0, "touched": 0},
        {"conversation": {"answers": [["only-one"]]}, "born": 0, "touched": 0},
        {"conversation": {"offered": [{"label": "Ja"}]}, "born": 0, "touched": 0},
    ],
    ids=lambda tree: json.dumps(tree)[:70],
)
def test_another_version_is_no_conversation(tree: object) -> None:
    assert decode(json.dumps(tree).encode()) is None


@given(idle=st.timedeltas(timedelta(0), timedelta(hours=3)), age=st.timedeltas(timedelta(0), timedelta(hours=3)))
def test_a_conversation_lives_half_an_hour_idle_and_two_hours_in_all(idle: timedelta, age: timedelta) -> None:
    remembered = Remembered(Conversation(), (AT - age).timestamp(), (AT - idle).timestamp())

    if idle < IDLE and age < AGE:
        assert not remembered.expired(AT)
    if idle > IDLE + timedelta(seconds=1) or age > AGE + timedelta(seconds=1):
        assert remembered.expired(AT)


def test_a_conversation_from_the_future_has_expired() -> None:
    assert Remembered(Conversation(), NOW, NOW + 1).expired(AT)
    assert Remembered(Conversation(), NOW + 1, NOW).expired(AT)


def message(step: int | str, conversation: Conversation) -> Message:
    """Typed text, or the button with this number."""
    if isinstance(step, str):
        return Utterance(step, AT)
    offered = conversation.offered
    return Press(offered[step % len(offered)].value, AT) if offered else Utterance(str(step), AT)


def test_a_conversation_from_before_there_were_versions_has_the_newest() -> None:
    remembered = Remembered(Conversation(), NOW, NOW)

    assert b"version" not in encode(remembered)
    assert decode(encode(remembered)) == remembered
    assert decode(encode(Remembered(Conversation(), NOW, NOW, "0a1b2c3d4e5f"))) == Remembered(
        Conversation(), NOW, NOW, "0a1b2c3d4e5f"
    )
