"""Offices and schools found by their name."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from benchmarks.invented import directory, queries
from knowledge.search.names import Names
from knowledge.search.spelling import Spelling

ENTRIES = (
    ("jugendamt", ("Jugendamt", "Jugendhilfedienst")),
    ("jugendberufshaus", ("Jugendberufshaus Dortmund",)),
    ("kub", ("Kontakt- und Beratungsverbund Dortmund (KuB)", "KuB")),
    ("ordnungsamt", ("Ordnungsamt",)),
    ("schiller", ("Schiller-Gymnasium Dortmund",)),
    ("schulpsychologie", ("Schulpsychologische Beratungsstelle", "Schulpsychologie", "Fachstelle Schulabsentismus")),
    ("musterstrasse", ("Gymnasium an der Musterstraße Dortmund",)),
    ("wald", ("Grundschule am Wald",)),
)


@pytest.fixture(scope="module")
def names() -> Names:
    return Names.build(ENTRIES)


@pytest.mark.parametrize(
    ("text", "wanted"),
    [
        ("Nummer vom KuB", "kub"),
        ("wo ist das jugendberufshaus", "jugendberufshaus"),
        ("wo ist das jugend berufs haus", "jugendberufshaus"),
        ("schulspychologie telefon", "schulpsychologie"),
        ("gymnasium an der musterstr dortmund", "musterstrasse"),
        ("Schillergymnasium", "schiller"),
        ("schiler gymnasium", "schiller"),
        ("ordnungsamd bitte", "ordnungsamt"),
        ("kontakt und beratungsverbund", "kub"),
        ("fachstelle schulabsentismuss", "schulpsychologie"),
        ("JUGENDAMT!!!", "jugendamt"),
    ],
)
def test_a_name_is_found_misspelt_and_in_a_sentence(names: Names, text: str, wanted: str) -> None:
    assert names.find(text)[0][0] == wanted


@pytest.mark.parametrize("text", ["", "?!", "xyz", "mein kind hat bauchweh"])
def test_a_message_that_names_nobody_finds_little(names: Names, text: str) -> None:
    assert all(score < 0.5 for _, score, _ in names.find(text))


def test_a_whole_name_scores_one_and_tells_its_words(names: Names) -> None:
    assert names.find("Wo ist das Ordnungsamt?")[0] == ("ordnungsamt", 1.0, ("Ordnungsamt",))


def test_an_entry_is_found_once_however_many_names_it_has(names: Names) -> None:
    found = [key for key, _, _ in names.find("schulpsychologie beratungsstelle fachstelle", limit=8)]
    assert len(found) == len(set(found))


def test_an_empty_directory_finds_nothing() -> None:
    assert Names.build([]).find("Ordnungsamt") == []
    assert Names.build([("a", ("?",))]).find("Ordnungsamt") == []


def test_many_entries_are_searched_as_well_as_few() -> None:
    entries = directory(5_000)
    names = Names.build(entries)
    asked = queries(entries, 50)
    hits = sum(query.wanted in [key for key, _, _ in names.find(query.text)] for query in asked)
    assert hits / len(asked) >= 0.97


@given(text=st.text(max_size=200))
@settings(max_examples=200, deadline=None)
def test_any_text_is_searched_twice_the_same(names: Names, text: str) -> None:
    found = names.find(text)
    assert found == names.find(text)
    assert len(found) <= 3
    assert all(0.0 < score <= 1.0 for _, score, _ in found)


@pytest.mark.parametrize(
    ("typed", "meant"),
    [
        ("schuel", "schule"),
        ("gymnasum", "gymnasium"),
        ("gynmasiun", "gymnasium"),
        ("xgymnasium", "gymnasium"),
        ("klassse", "klasse"),
    ],
)
def test_a_mistyped_word_is_near_its_word(typed: str, meant: str) -> None:
    words = ("gymnasium", "klasse", "schule", "wald")
    (near,) = Spelling.build(words).near([typed])
    assert words[near[0][0]] == meant


def test_short_words_are_near_nothing() -> None:
    assert Spelling.build(("amt", "kub")).near(["ant", "amt"]) == [[], []]
