"""The danger gate: every rule fires on its example, stays silent on its counter, and nothing can break it."""

from __future__ import annotations

import csv
from functools import cache
from pathlib import Path
from typing import Any

import pytest
import yaml
from hypothesis import given, settings
from hypothesis import strategies as st

from knowledge.danger import KINDS, Gate, lint_reply
from knowledge.danger.rules import examples

ROOT = Path(__file__).parents[2]
PACK = ROOT / "knowledge" / "packs" / "common"
SETS = ROOT / "tests" / "data" / "danger"
LANGUAGES = ("ar", "bg", "de", "en", "pl", "ro", "ru", "tr", "uk")


@cache
def rules() -> dict[str, Any]:
    return {lang: yaml.safe_load((PACK / "danger" / f"{lang}.yaml").read_text("utf-8")) for lang in LANGUAGES}


@cache
def gate() -> Gate:
    return Gate(rules())


def rows(name: str) -> list[dict[str, str]]:
    with (SETS / name).open(encoding="utf-8", newline="") as lines:
        return list(csv.DictReader(lines, delimiter="\t", quoting=csv.QUOTE_NONE))


def share(name: str, *, danger: bool, kind: str = "") -> float:
    asked = [r for r in rows(name) if (r["danger"] == "1") == danger and kind in ("", r["class"])]
    return sum(gate().look(row["text"]) is not None for row in asked) / len(asked)


def tiny(**rule: Any) -> dict[str, Any]:
    entry = {"id": "r", "kind": "suicide", "say": ["will sterben"], "example": "will sterben"} | rule
    return {"de": {"classes": {"a": ["sterben", "tot sein"]}, "parts": {"p": ["will @a"]}, "rules": [entry]}}


@pytest.mark.parametrize(("name", "text", "fires"), examples(rules()))
def test_every_rule_fires_on_its_example_and_not_on_its_counter(name: str, text: str, fires: bool) -> None:
    assert (gate().look(text) is not None) == fires, (name, text, gate().look(text))


def test_recall_and_false_alarms_of_the_locked_set_are_within_reach() -> None:
    assert share("locked.tsv", danger=True) >= 0.98
    assert share("locked.tsv", danger=False, kind="ordinary") <= 0.02
    assert share("locked.tsv", danger=False, kind="near") <= 0.06


def test_locked_set_is_large_and_balanced() -> None:
    found = rows("locked.tsv")
    assert sum(row["danger"] == "1" for row in found) >= 300
    assert sum(row["class"] == "near" for row in found) >= 300
    assert sum(row["danger"] == "0" for row in found) >= 600
    for lang in LANGUAGES:
        assert sum(row["danger"] == "1" and row["lang"] == lang for row in found) >= (100 if lang == "de" else 25)


@pytest.mark.parametrize(
    "text",
    [
        "ich will s t e r b e n",
        "ich will s.t.e.r.b.e.n",
        "ichwillnichtmehrleben",
        "1ch w1ll n1cht m3hr l3b3n",
        "ich will 5terben",
        "ICH WILL STERBEN!!!",
        "ich will sterbennnn",
        "ich moechte sterben",
        "ich will sterbne",
        "ich wіll stеrben",  # two Cyrillic letters
        "ich will\u200b ster\u00adben",  # invisible signs
        "أُرِيدُ أَنْ أَمُوتَ",
        "KENDİMİ ÖLDÜRMEK İSTİYORUM",
        "ne hochu zhit",
        "iskam da umra",
        "💊💊💊 gleich ist es vorbei",
    ],
)
def test_disguised_spelling_does_not_hide_danger(text: str) -> None:
    assert gate().look(text) is not None


@pytest.mark.parametrize(
    "idiom", ["ich sterbe vor langeweile", "mein handy ist tot", "mama bringt mich um wenn sie die note sieht"]
)
def test_an_idiom_does_not_silence_a_genuine_clause(idiom: str) -> None:
    assert gate().look(idiom) is None
    assert gate().look(f"{idiom}. und ich will nicht mehr leben") is not None
    assert gate().look(f"ich will nicht mehr leben, {idiom}") is not None


def test_subject_matter_silences_a_mention_but_not_the_first_person() -> None:
    assert gate().look("referat über suizid") is None
    assert gate().look("nach dem film will ich mich umbringen") is not None


@pytest.mark.parametrize(
    "text", ["ben artık yaşamak istemiyorum weil alles scheisse ist", "kann nicht mehr schlafen, хочу умереть"]
)
def test_languages_may_be_mixed(text: str) -> None:
    assert gate().look(text) is not None


def test_a_hit_names_rule_kind_and_words() -> None:
    hit = gate().look("hallo. ich will nicht mehr leben. bitte")
    assert hit is not None
    assert (hit.rule, hit.kind) == ("de/nicht-mehr-leben", "suicide")
    assert "leben" in hit.words
    assert "hallo" not in hit.words


def test_two_hints_are_a_danger_and_one_is_not() -> None:
    assert gate().look("ich liebe euch") is None
    hit = gate().look("ich liebe euch. für immer")
    assert hit is not None
    assert "+" in hit.rule


def test_only_the_first_2000_characters_count() -> None:
    assert gate().look("ja " * 600 + "ich will nicht mehr leben") is not None
    assert gate().look("ja " * 700 + "ich will nicht mehr leben") is None


@settings(max_examples=300, deadline=None)
@given(st.text(max_size=3000))
def test_any_text_is_answered_twice_the_same(text: str) -> None:
    hit = gate().look(text)
    assert hit == gate().look(text)
    assert hit is None or (hit.kind in KINDS and hit.words)


@pytest.mark.parametrize(
    "unit",
    [
        "ich ",
        "will nicht mehr ",
        "s ",
        "leben",
        "\ufdfa",
        ". ",
        "💊",
        "ab4",
        "tabletten alle genommen ",
        "a" * 39 + " ",
    ],
)
def test_of_a_million_hostile_characters_only_the_first_2000_are_read(unit: str) -> None:
    assert gate().look(unit * 1_000_000) == gate().look((unit * 2_000)[:2_000])


@pytest.mark.parametrize(
    ("wrong", "says"),
    [
        (tiny(kind="worry"), "worry"),
        (tiny(level="maybe"), "maybe"),
        (tiny(say=[]), "say"),
        (tiny(say=["@b"]), "@b"),
        (tiny(say=["{q}"]), "{q}"),
        (tiny(say=["~x a"]), "~x"),
        (tiny(say=["~ ~"]), "no word"),
        (tiny(say=["& a"]), "&"),
        (tiny(say=[7]), "7"),
        (tiny(example=""), "example"),
        (tiny(colour="red"), "colour"),
        (tiny(id=3), "id"),
        ({"de": {"rulez": []}}, "rulez"),
        ({"de": []}, "mapping"),
        ({"de": {"classes": {"a": ["@a"]}, "topics": ["@a"]}}, "contains itself"),
    ],
)
def test_a_bad_rule_is_refused_by_name(wrong: dict[str, Any], says: str) -> None:
    with pytest.raises(ValueError, match="danger/de") as error:
        Gate(wrong)
    assert says in str(error.value)


def test_the_same_id_twice_is_refused() -> None:
    data = tiny()
    data["de"]["rules"] *= 2
    with pytest.raises(ValueError, match="twice"):
        Gate(data)


@pytest.mark.parametrize(
    ("say", "text", "fires"),
    [
        ("will ~2 sterben", "will ja ja sterben", True),
        ("will ~2 sterben", "will ja ja ja sterben", False),
        ("will ~2 sterben", "will. sterben", False),
        ("will ~~ sterben", "will. ja ja ja ja ja sterben", True),
        ("& will sterben", "sterben will", True),
        ("ich? will sterben", "will sterben", True),
        ("^ sterben $", "ja. sterben! gut", True),
        ("^ sterben $", "ja sterben", False),
        ("{p}", "will tot sein", True),
        ("ster* nie", "sterbende nie", True),
    ],
)
def test_patterns_mean_what_they_say(say: str, text: str, fires: bool) -> None:
    assert (Gate(tiny(say=[say])).look(text) is not None) == fires


def test_a_guard_blanks_only_its_own_words() -> None:
    data = tiny()
    data["de"]["guards"] = [{"id": "g", "say": ["will sterben vor lachen"], "example": "will sterben vor lachen"}]
    assert Gate(data).look("will sterben vor lachen") is None
    assert Gate(data).look("will sterben vor lachen aber will sterben") is not None


def test_replies_never_name_a_method() -> None:
    assert lint_reply(["Ruf 112 an. Du bist nicht allein."], rules()) == []
    found = lint_reply(["Nimm keine Überdosis."], rules())
    assert len(found) == 1
    assert "Überdosis" in found[0]
