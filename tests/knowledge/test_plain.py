"""Plain German: what offices write is found, what people understand is left alone."""

from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from knowledge.check.plain import Plain, lists, plain_hints
from knowledge.folders import SHIPPED, chain, folders
from knowledge.load import Examined, examine
from knowledge.resolve import Resolver
from knowledge.source import parse, read

FILE = Path(__file__).parent.parent / "data" / "plain.yaml"
MOST = 0.95


@pytest.fixture(scope="module")
def sound() -> Examined:
    return examine([SHIPPED], thorough=False)


@pytest.fixture(scope="module")
def plain() -> Plain:
    line, _ = chain(folders([SHIPPED])[0], "dortmund")
    return lists(line, Resolver(line).pack())


@pytest.fixture(scope="module")
def sentences() -> dict[str, Any]:
    document, problems = read(FILE, FILE.name)
    assert document
    assert problems == []
    assert isinstance(document.tree, dict)
    return document.tree


def test_hard_sentences_are_found_with_their_reason(plain: Plain, sentences: dict[str, Any]) -> None:
    missed = [
        (sentence, reason)
        for sentence, reason in sentences["hard"]
        if not any(reason in one for found in plain.look(sentence) for one in found.reasons)
    ]

    assert len(sentences["hard"]) >= 30
    assert len(missed) <= (1 - MOST) * len(sentences["hard"]), missed


def test_plain_sentences_are_left_alone(plain: Plain, sentences: dict[str, Any]) -> None:
    alarms = [(sentence, found.reasons) for sentence in sentences["easy"] for found in plain.look(sentence)]

    assert len(sentences["easy"]) >= 30
    assert alarms == []


def test_a_sentence_that_is_hard_in_three_ways_or_far_too_long_is_a_warning(plain: Plain) -> None:
    three = "Seitens des SPZ ist zeitnah Bescheid zu geben."
    long = "Und dann " + "kommt noch ein Wort und " * 8 + "Schluss."

    assert [found.warning for found in plain.look(three)] == [True]
    assert [found.warning for found in plain.look(long)] == [True]
    assert [found.warning for found in plain.look("Seitens der Schule ist alles gut.")] == [False]


def test_the_limit_depends_on_the_kind_of_text(plain: Plain) -> None:
    ready = "Ein Blatt mit den Tagen, an denen Ihr Kind in diesem Halbjahr nicht da war, und den Gründen"

    assert list(plain.look(ready)) == []
    assert [found.reasons[0][:12] for found in plain.look(ready, "have_ready")] == ["has 18 words"]


def test_the_shipped_packs_have_no_warning_and_few_hints(sound: Examined) -> None:
    found = plain_hints(sound.folders, sound.german)

    assert [str(one) for one in found if one.warning] == []
    assert len(found) <= 10, [str(one) for one in found]


def test_a_hint_stands_where_the_sentence_does_and_a_city_may_add_words(sound: Examined) -> None:
    city = sound.folders["dortmund"]
    actor = city.documents["actors/kub.yaml"]
    text = (city.path / "actors" / "kub.yaml").read_text("utf-8")
    line = next(number for number, one in enumerate(text.splitlines(), 1) if one.startswith("first_step:"))
    lines = text.splitlines()
    lines[line] = '  teacher: "Melden Sie sich fixfertig."'
    changed, _ = parse("\n".join(lines), actor.file)
    own, _ = parse("better: {fixfertig: sofort}\n", "dortmund/plain.yaml")
    assert changed
    assert own
    documents = {**city.documents, "actors/kub.yaml": changed, "plain.yaml": own}
    found = {**sound.folders, "dortmund": replace(city, documents=documents)}

    told = plain_hints(found, {"dortmund": sound.german["dortmund"]})

    where = f"{actor.file}:{line + 1}: 'Melden Sie sich fixfertig.' says 'fixfertig'; better: sofort"
    assert where in [str(one) for one in told]
