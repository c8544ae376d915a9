"""The two nets together: rules first, then the likeness to examples of danger that no idiom explains."""

import csv
from pathlib import Path

import pytest

from handlers.crisis import in_danger
from knowledge.base import Knowledge
from knowledge.folders import SHIPPED
from knowledge.load import examples

DATA = Path(__file__).parent.parent / "data" / "danger"


def alarmed(knowledge: Knowledge, text: str) -> bool:
    return in_danger(knowledge, text, knowledge.search.rank(text))


def rows(name: str) -> list[tuple[bool, str]]:
    with (DATA / name).open(encoding="utf-8") as lines:
        return [(row["danger"] == "1", row["text"]) for row in csv.DictReader(lines, delimiter="\t")]


@pytest.mark.parametrize("name", ["developing.tsv", "locked.tsv"])
def test_cries_for_help_of_both_sets_are_heard(knowledge: Knowledge, name: str) -> None:
    cries = [text for danger, text in rows(name) if danger]
    missed = [text for text in cries if not alarmed(knowledge, text)]

    assert len(missed) <= 0.02 * len(cries), missed


def test_messages_like_the_examples_of_danger_are_heard(knowledge: Knowledge) -> None:
    found = examples([SHIPPED])
    cries = [text for of in found.values() for text in of["akute-gefahr"]]
    missed = [text for text in cries if not alarmed(knowledge, text)]

    assert len(missed) <= 0.02 * len(cries), missed


def test_hardly_any_ordinary_message_sounds_the_alarm(knowledge: Knowledge) -> None:
    found = examples([SHIPPED])
    ordinary = [
        text for of in found.values() for concern, texts in of.items() if concern != "akute-gefahr" for text in texts
    ]
    alarms = [text for text in ordinary[::4] if alarmed(knowledge, text)]

    assert len(alarms) <= 0.02 * len(ordinary[::4]), alarms


@pytest.mark.parametrize(
    "text",
    [
        "ich sterbe vor Langeweile",
        "Todesangst vor Mathe",
        "Selbstmord bei Goethe",
        "mein Handy ist tot",
        "Selbstmordattentat im Geschichtsunterricht",
    ],
)
def test_idiom_and_subject_matter_are_no_danger(knowledge: Knowledge, text: str) -> None:
    assert not alarmed(knowledge, text)
