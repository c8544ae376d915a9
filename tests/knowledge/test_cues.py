"""Words that answer a question unasked, and whole messages."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from knowledge import cues
from knowledge.base import Knowledge
from knowledge.model import Pack


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("Ein Schüler meiner 8. Klasse", "ab-7"),
        ("mein sohn, klasse 3, fehlt", "bis-6"),
        ("Neuntklässlerin schwänzt", "ab-7"),
        ("in der fuenften klasse", "bis-6"),
        ("Grundschulkind", "bis-6"),
        ("in der 18. klasse", None),
        ("er ist 8", None),
        ("erst 3. klasse, jetzt 8. klasse", None),  # two answers are none
    ],
)
def test_the_year_is_read_from_the_message(pack: Pack, text: str, expected: str | None) -> None:
    assert cues.prepare([pack.questions["stufe"]]).read(text).get("stufe") == expected


def test_no_cue_ever_says_that_there_is_no_danger(pack: Pack) -> None:
    for flow in pack.flows.values():
        for node in flow.nodes.values():
            if node.id.startswith(("gefahr", "sofort")):
                for option in getattr(node, "options", ()):
                    if option.id == "nein":
                        assert not option.cues


@given(text=st.text())
def test_words_of_any_text_are_lower_case_words(text: str) -> None:
    for word in cues.words(text):
        assert word
        assert not set(word) & set(" \n\t.,!?")


def test_a_whole_message_is_a_command_whatever_its_dress(knowledge: Knowledge) -> None:
    for text in ("zurück", "Zurueck!", "/zurueck", " ZURÜCK. "):
        assert cues.whole(text, knowledge.words) == "back"
    assert cues.whole("ich will zurück zur schule", knowledge.words) is None


@pytest.mark.parametrize(
    "command", ["hilfe", "neu", "zurueck", "sprache", "datenschutz", "loeschen", "mensch", "stopp"]
)
def test_the_commands_of_the_contract_work(knowledge: Knowledge, command: str) -> None:
    assert cues.whole(f"/{command}", knowledge.words) in {
        "help", "restart", "back", "language", "privacy", "forget", "human", "stop",
    }  # fmt: skip


def test_clauses_are_cut_at_stops_and_joining_words(knowledge: Knowledge) -> None:
    assert cues.clauses("er wird gemobbt, und wir brauchen geld", knowledge.joints) == [
        "er wird gemobbt",
        "wir brauchen geld",
    ]
