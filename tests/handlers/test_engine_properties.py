"""What holds for every conversation, whatever is written or pressed."""

from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from bot.render import plain
from bot.store.codec import Remembered, encode
from handlers import Conversation, Message, Press, Utterance, respond, screens
from handlers.dialogue import CrisisShown
from handlers.situation import Situation
from knowledge.base import Knowledge
from knowledge.model import Audience

AT = datetime(2026, 11, 20, 10, 0, tzinfo=ZoneInfo("Europe/Berlin"))
SLOW = settings(max_examples=150, deadline=None, suppress_health_check=list(HealthCheck))

ORDINARY = """mein kind hat angst|er fehlt seit drei wochen|zurück|neu|hilfe|warum|ja|nein|1|2|3|4|Nummer vom KuB|weiter
meine angaben|löschen|8. Klasse|Bußgeld|sprache|datenschutz|mensch|my child is afraid of school"""
VALUES = """f/fehlzeiten f/eltern f/schueler f/bussgeld-eltern c/schulangst c/kindeswohl c/bussgeld as/teacher as/parent
as/student do/back do/review do/why do/all a//stufe/ab-7 k/kub w/kub w/kub/phone helped/yes helped/no
change/stufe a/eltern/gefahr/nein in/dortmund / a/b/c/d/e c/gibt-es-nicht do/gibt-es-nicht lang/en lang/xx"""
ordinary = st.sampled_from(ORDINARY.replace("\n", "|").split("|"))
values = st.sampled_from(VALUES.split())
anything = st.text(max_size=60) | st.text(alphabet=st.characters(codec=None), max_size=30)
steps = st.lists(
    ordinary.map(lambda text: ("text", text))
    | anything.map(lambda text: ("text", text))
    | values.map(lambda value: ("press", value))
    | st.integers(0, 9).map(lambda number: ("offer", str(number))),
    max_size=12,
)
starts = st.sampled_from([None, *Audience])


def message(step: tuple[str, str], conversation: Conversation, at: datetime) -> Message:
    kind, value = step
    if kind == "offer":  # the button with this number, if there are so many
        offered = conversation.offered
        return Press(offered[int(value) % len(offered)].value, at) if offered else Utterance(value, at)
    return Press(value, at) if kind == "press" else Utterance(value, at)


def states(knowledge: Knowledge, walk: list[tuple[str, str]], audience: Audience | None) -> list[Conversation]:
    conversation = Conversation(region="dortmund", audience=audience)
    found = [conversation]
    for number, step in enumerate(walk):
        conversation = respond(
            knowledge, conversation, message(step, conversation, AT + timedelta(minutes=number))
        ).conversation
        found.append(conversation)
    return found


@SLOW
@given(walk=steps, audience=starts)
def test_every_message_gets_an_answer_that_can_be_shown(
    knowledge: Knowledge, walk: list[tuple[str, str]], audience: Audience | None
) -> None:
    conversation = Conversation(region="dortmund", audience=audience)
    for step in walk:
        turn = respond(knowledge, conversation, message(step, conversation, AT))
        conversation = turn.conversation

        assert plain(turn.replies).strip()
        assert len(conversation.offered) >= 1
        for reply in turn.replies:
            for button in reply.buttons:
                assert 0 < len(button.label) <= 40
                assert 0 < len(button.value.encode()) <= 52


@SLOW
@given(walk=steps, audience=starts)
def test_the_same_messages_give_the_same_answers(
    knowledge: Knowledge, walk: list[tuple[str, str]], audience: Audience | None
) -> None:
    assert states(knowledge, walk, audience) == states(knowledge, walk, audience)


@SLOW
@given(walk=steps, audience=starts)
def test_a_number_a_label_and_a_press_are_one(
    knowledge: Knowledge, walk: list[tuple[str, str]], audience: Audience | None
) -> None:
    conversation = states(knowledge, walk, audience)[-1]
    for number, button in enumerate(conversation.offered, 1):
        pressed = respond(knowledge, conversation, Press(button.value, AT))

        assert respond(knowledge, conversation, Utterance(str(number), AT)) == pressed
        assert respond(knowledge, conversation, Utterance(f" {number}. ", AT)) == pressed


@SLOW
@given(
    walk=steps,
    audience=starts,
    cry=st.sampled_from(["ich will nicht mehr leben", "ich bring mich um", "i want to kill myself"]),
)
def test_danger_interrupts_every_state(
    knowledge: Knowledge, walk: list[tuple[str, str]], audience: Audience | None, cry: str
) -> None:
    conversation = states(knowledge, walk, audience)[-1]

    turn = respond(knowledge, conversation, Utterance(cry, AT))

    for number in ("112", "110", "116 111", "0800 1110111", "0231 91301-90"):
        assert number in turn.replies[0].text
    assert CrisisShown() in turn.events


@SLOW
@given(walk=steps, audience=starts)
def test_after_danger_weiter_returns_to_the_open_question(
    knowledge: Knowledge, walk: list[tuple[str, str]], audience: Audience | None
) -> None:
    conversation = states(knowledge, walk, audience)[-1]
    alarmed = respond(knowledge, conversation, Utterance("ich will sterben", AT)).conversation
    back = respond(knowledge, alarmed, Utterance("weiter", AT))

    before = screens.open_question(Situation(knowledge, conversation, Utterance("", AT)))
    if before is not None and not conversation.suggested:
        assert screens.open_question(Situation(knowledge, back.conversation, Utterance("", AT))) == before
        assert before.text.to(conversation.audience) in back.replies[-1].text


@SLOW
@given(walk=steps, audience=starts, canary=st.from_regex(r"kanarie[a-z]{6}", fullmatch=True))
def test_nothing_typed_is_kept(
    knowledge: Knowledge, walk: list[tuple[str, str]], audience: Audience | None, canary: str
) -> None:
    conversation = states(knowledge, walk, audience)[-1]
    for text in (canary, f"mein sohn {canary} hat angst vor der schule", f"ich will nicht mehr leben {canary}"):
        turn = respond(knowledge, conversation, Utterance(text, AT))

        assert canary not in encode(Remembered(turn.conversation, 0, 0)).decode()
        assert canary not in repr(turn.conversation)
        assert canary not in repr(turn.events)
        assert canary not in repr(Utterance(text, AT))


@SLOW
@given(
    data=st.data(), flow_id=st.sampled_from(["fehlzeiten", "eltern", "schueler", "kindeswohl-privat", "versaeumnis"])
)
def test_back_after_an_answer_is_where_one_was(knowledge: Knowledge, data: st.DataObject, flow_id: str) -> None:
    flow = knowledge.pack("dortmund", "de").flows[flow_id]
    conversation = respond(
        knowledge, Conversation(region="dortmund", audience=flow.audiences[0]), Press(f"f/{flow_id}", AT)
    ).conversation
    for _ in range(data.draw(st.integers(1, 6))):
        answers = [button for button in conversation.offered if button.value.startswith("a/")]
        if not answers:
            break
        answered = respond(knowledge, conversation, Press(data.draw(st.sampled_from(answers)).value, AT)).conversation
        undone = respond(knowledge, answered, Press("do/back", AT)).conversation

        assert (undone.flow, undone.answers, undone.offered) == (
            conversation.flow,
            conversation.answers,
            conversation.offered,
        )
        conversation = answered


@pytest.mark.parametrize(
    "text",
    [
        "",
        " ",
        "\n",
        "a" * 20_000,
        "😀" * 5_000,
        "\u202eabc\u202c",
        "a\x00b",
        "\ud800",
        "\udfff\ud800",
        "ﷺ" * 400,
        "e" + "\u0301" * 20_000,
        "١٢٣",
        "²",
    ],
    ids=[
        "empty",
        "space",
        "newline",
        "long",
        "emoji",
        "bidi",
        "nul",
        "surrogate",
        "surrogates",
        "ligature",
        "marks",
        "digits",
        "superscript",
    ],
)
@pytest.mark.parametrize("audience", [None, *Audience])
def test_any_text_gets_an_answer(knowledge: Knowledge, text: str, audience: Audience | None) -> None:
    for conversation in (Conversation(audience=audience), *states(knowledge, [("press", "f/eltern")], Audience.PARENT)):
        assert plain(respond(knowledge, conversation, Utterance(text, AT)).replies)
