"""The statistics in a chat."""

import io
import unicodedata

import pytest
from openpyxl import load_workbook
from PIL import Image

from bot.review.charts import Point
from bot.review.chat import statistics_reply
from bot.review.picture import bars, letters
from bot.review.web.names import Names
from bot.review.web.words import load
from bot.review.words import words
from knowledge.model import Pack
from tests.bot.review_web.desk import release


@pytest.fixture
def names(pack: Pack) -> Names:
    return Names(load(), words({}), pack)


def test_the_last_release_comes_as_text_picture_and_files(names: Names, pack: Pack) -> None:
    releases = [release(pack, period, seed=3) for period in ("2026-09", "2026-10", "2025")]
    (reply,) = statistics_reply(names, releases)

    assert reply.text.startswith("Auswertung Dortmund, Oktober 2026\n")
    assert "1. Unentschuldigtes Fehlen, Schwänzen: " in reply.text
    assert [(file.name, file.media_type) for file in reply.files] == [
        ("schullotse-dortmund-2026-10.png", "image/png"),
        ("schullotse-dortmund-2026-10.csv", "text/csv"),
        (
            "schullotse-dortmund-2026-10.xlsx",
            "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
        ),
    ]
    assert Image.open(io.BytesIO(reply.files[0].content)).size[0] == 1000
    assert load_workbook(io.BytesIO(reply.files[2].content)).sheetnames


def test_the_same_releases_give_the_same_bytes(names: Names, pack: Pack) -> None:
    releases = [release(pack, "2026-10", seed=3)]

    assert statistics_reply(names, releases) == statistics_reply(names, releases)


def test_without_a_release_it_says_so(names: Names) -> None:
    (reply,) = statistics_reply(names, [])

    assert reply.text == "Es ist noch kein Zeitraum veröffentlicht."
    assert reply.files == ()


def test_examples_are_called_examples(names: Names, pack: Pack) -> None:
    (reply,) = statistics_reply(names, [release(pack, "2026-10", synthetic=True)])

    assert reply.text.startswith("Beispieldaten.")


def test_a_message_is_short_enough_for_every_messenger(names: Names, pack: Pack) -> None:
    (reply,) = statistics_reply(names, [release(pack, "2026-10")])

    assert len(reply.text.encode("utf-16-le")) // 2 < 4096  # Telegram Bot API, sendMessage


def test_letters_the_font_lacks_are_drawn_or_replaced() -> None:
    assert letters("Bußgeld für Ärger") == ("Bussgeld fur Arger", frozenset({10, 13}))
    assert letters("„Ş“ – 東") == ('"S" - ?', frozenset())


@pytest.mark.parametrize("letter", "äöüÄÖÜ")
def test_an_umlaut_looks_different_from_its_letter(letter: str) -> None:
    plain = unicodedata.normalize("NFD", letter)[0]

    assert bars("x", [Point(letter, 1, "1")]) != bars("x", [Point(plain, 1, "1")])


def test_the_names_of_all_concerns_and_offices_can_be_drawn(pack: Pack) -> None:
    named = [concern.label for concern in pack.concerns.values()] + [actor.short for actor in pack.actors.values()]

    assert [name for name in named if "?" in letters(name)[0]] == []
