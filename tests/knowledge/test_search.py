"""Understanding: messages in, ranked concerns out."""

import re

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from knowledge.search import Ranking, Search, dump, load
from knowledge.search.clean import LIMIT, clean, fold
from knowledge.search.learn import fit
from knowledge.search.tokens import WORDS, split, split_all

EXAMPLES = {
    "de": {
        "bussgeld": [
            "Bußgeldbescheid bekommen",
            "müssen wir das Bußgeld zahlen",
            "80 Euro Strafe vom Ordnungsamt",
            "bussgeld?",
        ],
        "mobbing": ["mein Kind wird gemobbt", "alle lachen über mich", "Mobbing im Klassenchat", "sie schubsen mich"],
        "schulangst": [
            "Angst vor der Schule",
            "Panik vor jeder Klassenarbeit",
            "sie weint morgens",
            "hab so angst vor mathe",
        ],
        "sonstiges": ["wie wird das wetter", "hallo", "wer gewinnt die bundesliga", "schreib ein gedicht"],
    },
    "en": {
        "bussgeld": ["we got a fine from the city", "do we have to pay the fine"],
        "mobbing": ["my child is bullied", "they bully me at school"],
        "schulangst": ["she is afraid of school", "panic before every exam"],
        "sonstiges": ["what is the weather like", "hello there"],
    },
    "uk": {
        "bussgeld": ["нам прийшов штраф", "чи треба платити штраф"],
        "mobbing": ["мою дитину цькують", "з мене сміються у класі"],
        "schulangst": ["боїться йти до школи", "паніка перед контрольною"],
        "sonstiges": ["яка сьогодні погода", "привіт"],
    },
}
ANYTHING = st.text(st.characters(), max_size=300) | st.lists(
    st.sampled_from(
        ["Angst", "schule", "\u202e", "\ud800", "😀", "штраф", "ﷺ", "e\u0301", "ß", "'", "0", "\x00", "ä" * 50]
    ),
    max_size=40,
).map(" ".join)


@pytest.fixture(scope="module")
def search() -> Search:
    return fit(EXAMPLES, {"bussgeld": ["Ordnungswidrigkeit", "Versäumnisanzeige"]})


@pytest.mark.parametrize(
    ("text", "concern"),
    [
        ("bußgeld", "bussgeld"),
        ("BUSSGELDBESCHEID!!!", "bussgeld"),
        ("busgeld", "bussgeld"),
        ("meine Tochter wird in der Klasse gemobbt", "mobbing"),
        ("Schulangst", "schulangst"),
        ("kind hat panik vor schule", "schulangst"),
        ("versaeumnisanzeige", "bussgeld"),
        ("das wetter", "sonstiges"),
        ("прийшов штраф", "bussgeld"),
        ("is there a fine", "bussgeld"),
    ],
)
def test_a_message_finds_its_concern(search: Search, text: str, concern: str) -> None:
    assert search.rank(text).concerns[0][0] == concern


@pytest.mark.parametrize(
    ("text", "language"),
    [("mein Kind hat Angst", "de"), ("she is afraid of the exam", "en"), ("боїться контрольної", "uk")],
)
def test_the_language_of_a_message_is_recognised(search: Search, text: str, language: str) -> None:
    assert search.rank(text).language == language


@pytest.mark.parametrize("text", ["", "   ", "\u200b\u202e", "?!…", "\ud800"])
def test_a_message_without_words_has_no_concern(search: Search, text: str) -> None:
    assert search.rank(text) == Ranking((), 0.0, (), "de")


def test_confidence_is_higher_for_a_message_in_scope(search: Search) -> None:
    assert search.rank("mein Kind wird gemobbt").confidence > 0.5 > search.rank("wie wird das wetter").confidence


def test_a_stored_search_ranks_the_same(search: Search) -> None:
    again = load(dump(search))
    for text in ("bußgeld", "sie lachen", "hallo", "штраф", ""):
        assert again.rank(text) == search.rank(text)


def test_equal_examples_give_equal_bytes(search: Search) -> None:
    assert dump(fit(EXAMPLES, {"bussgeld": ["Ordnungswidrigkeit", "Versäumnisanzeige"]})) == dump(search)


@pytest.mark.parametrize("blob", [b"", b"PK", b"\x80\x04N.", b"x" * 1000])
def test_bytes_of_something_else_are_refused(blob: bytes) -> None:
    with pytest.raises(ValueError, match="not a stored search"):
        load(blob)


def test_a_cut_blob_is_refused(search: Search) -> None:
    blob = dump(search)
    for end in (10, len(blob) // 2, len(blob) - 30):
        with pytest.raises(ValueError, match="not a stored search"):
            load(blob[:end])


@pytest.mark.parametrize("examples", [{}, {"de": {}}, {"de": {"mobbing": ["gemobbt"]}}])
def test_too_few_concerns_are_refused(examples: dict[str, dict[str, list[str]]]) -> None:
    with pytest.raises(ValueError, match="at least"):
        fit(examples, {})


@given(text=ANYTHING)
@settings(max_examples=200, deadline=None)
def test_any_message_is_ranked_twice_the_same(search: Search, text: str) -> None:
    ranking = search.rank(text)
    assert ranking == search.rank(text)
    shares = [share for _, share in ranking.concerns]
    assert len(shares) <= 5
    assert shares == sorted(shares, reverse=True)
    assert 0.0 <= ranking.confidence <= 1.0
    assert sum(shares) <= 1.001
    assert set(ranking.why) <= set(split(clean(text)).written)


@given(text=ANYTHING | st.sampled_from([text for of in EXAMPLES.values() for said in of.values() for text in said]))
@settings(max_examples=200, deadline=None)
def test_without_the_words_that_decided_another_concern_is_best(search: Search, text: str) -> None:
    ranking = search.rank(text)
    if ranking.why:
        rest = " ".join(word for word in split(clean(text)).written if word not in ranking.why)
        assert search.rank(rest).concerns[:1] != ranking.concerns[:1]
        assert not search.rank(rest).concerns or search.rank(rest).concerns[0][0] != ranking.concerns[0][0]


@given(text=ANYTHING)
@settings(max_examples=200, deadline=None)
def test_a_clean_text_is_short_visible_and_stays_clean(text: str) -> None:
    seen = clean(text)
    assert len(seen) <= LIMIT
    assert clean(seen) == seen
    assert not re.search("[\ud800-\udfff\u202a-\u202e\u200b\x00]", seen)
    seen.encode("utf-8")


def test_cleaning_cuts_before_anything_else() -> None:
    assert clean("a" * 5_000) == "a" * LIMIT
    assert len(split(clean("a " * 5_000)).folded) <= WORDS


@pytest.mark.parametrize(
    "spellings",
    [
        ("Ärger", "aerger", "arger", "A\u0308RGER"),
        ("Bußgeld", "bussgeld", "BUSGELD", "bußßgeld"),
        ("müde", "muede", "mude", "müüüde"),
        ("çocuğum", "cocugum"),
        ("lipsește", "lipseste", "lipseşte"),
        ("ёлка", "елка"),
        ("مدرسة", "مَدْرَسَة", "مدرسه"),
        ("ｓｃｈｕｌｅ", "schule"),
        ("Klasse 7", "klase 9"),
    ],
)
def test_spellings_of_a_word_fold_to_the_same(spellings: tuple[str, ...]) -> None:
    assert len({fold(clean(spelling)) for spelling in spellings}) == 1


def test_every_word_keeps_its_written_form() -> None:
    words = split(clean("Mein Söhnchen sagt: „Null Bock!“ 😴 geht's?"))
    assert words.written == ("Mein", "Söhnchen", "sagt", "Null", "Bock", "😴", "geht's")
    assert len(words.folded) == len(words.written)


@given(texts=st.lists(ANYTHING, max_size=5))
@example(texts=["´0", "\u1dc00"])  # one sign that folds to a space and a mark that folds to nothing
@settings(max_examples=100, deadline=None)
def test_many_messages_are_split_like_each_alone(texts: list[str]) -> None:
    cleaned = [clean(text) for text in texts]
    assert split_all(cleaned) == [split(text).folded for text in cleaned]


@pytest.mark.parametrize("word", ["ﷺ", "\ufb03" * 40, "a", "㌀㌀㌀", "ß" * 20, "😀"])
def test_the_longest_messages_are_ranked(search: Search, word: str) -> None:
    assert search.rank(f"{word} " * LIMIT).concerns
