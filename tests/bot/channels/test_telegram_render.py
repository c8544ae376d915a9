"""Replies as Telegram messages: nothing lost, nothing refused, the numbers right."""

import itertools
import json
import re
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.channels.port import Body
from bot.channels.telegram import cards
from bot.channels.telegram.render import SHORT, Rendering
from bot.channels.telegram.styled import BOLD, LIMIT, Mark, Styled, joined, split, styled, units
from handlers.dialogue import Button, Card, CardLine, File, Reply
from knowledge.base import Knowledge
from knowledge.model import Audience
from tests.bot.channels.telegram_bot import BUTTONS, said
from tests.servers.telegram import checks

PNG = b"\x89PNG\r\n\x1a\n"


def rendered(knowledge: Knowledge, *replies: Reply, protect: bool = False) -> list[Any]:
    made = Rendering(knowledge.texts, protect=protect).bodies(replies, lambda value: BUTTONS.signed("1", value))
    for body in made:
        accepted(body)
    return list(made)


def accepted(body: Body) -> None:
    """Raise what the server would answer. The body has rested as JSON, as it does in the database."""
    rested = json.loads(json.dumps(body))
    form = {key: value if isinstance(value, str) else json.dumps(value) for key, value in rested.items()}
    checks.keyboard(form)
    match rested["method"]:
        case "sendMessage":
            checks.entities(form, checks.text(form))
        case "sendContact":
            checks.contact(form)
        case "sendPhoto" | "sendDocument":
            assert rested["file"]["name"]
        case other:
            raise AssertionError(other)


def keyboard(body: Any) -> list[list[str]]:
    return [[button["text"] for button in row] for row in body.get("reply_markup", {}).get("inline_keyboard", [])]


def bare(text: str) -> str:
    return re.sub(r"\s", "", text)


# the splitter

WORDS = st.text(st.sampled_from("abc äé😀👨‍👩‍👧\u0600.!?\n\t\u2003"), max_size=400)


@given(WORDS, st.integers(2, 60))
def test_no_letter_is_lost_and_no_piece_is_too_long(text: str, limit: int) -> None:
    pieces = list(split(styled(text), limit))

    assert bare("".join(piece.text for piece in pieces)) == bare(text)
    assert all(0 < units(piece.text) <= limit and piece.text == piece.text.strip() for piece in pieces)


@given(st.text(max_size=300), st.integers(2, 80), st.data())
def test_marks_stay_on_their_letters(text: str, limit: int, data: st.DataObject) -> None:
    whole = styled(text)
    cuts = sorted(data.draw(st.sets(st.integers(0, len(whole.text)), max_size=8)))
    marks = tuple(Mark(start, end, BOLD) for start, end in itertools.pairwise(cuts))
    whole = Styled(whole.text, marks[::2])

    pieces = list(split(whole, limit))

    before = bare("".join(whole.text[mark.start : mark.end] for mark in whole.marks))
    after = bare("".join(piece.text[mark.start : mark.end] for piece in pieces for mark in piece.marks))
    assert before == after
    for piece in pieces:
        form = {"text": piece.text, "entities": json.dumps(piece.entities())}
        assert len(checks.entities(form, piece.text)) == len(piece.marks)


@pytest.mark.parametrize(
    ("text", "limit", "pieces"),
    [
        ("Eins.\n\nZwei und.\nDrei", 14, ["Eins.", "Zwei und.\nDrei"]),
        ("Alles gut. Komm mit", 16, ["Alles gut.", "Komm mit"]),
        ("eins zwei drei vier", 12, ["eins zwei", "drei vier"]),
        ("x" * 10, 4, ["xxxx", "xxxx", "xx"]),
        ("😀" * 5, 4, ["😀😀", "😀😀", "😀"]),
        (" \n ", 2, []),
    ],
)
def test_a_text_is_cut_where_a_reader_would(text: str, limit: int, pieces: list[str]) -> None:
    assert [piece.text for piece in split(styled(text), limit)] == pieces


def test_emoji_count_as_telegram_counts_them() -> None:
    assert units("a😀") == 3 == len("a😀".encode("utf-16-le")) // 2
    pieces = list(split(styled("👨‍👩‍👧‍👦" * 600)))
    assert all(units(piece.text) <= LIMIT for piece in pieces)
    assert len(pieces) == 2


def test_joining_leaves_out_what_is_empty() -> None:
    assert joined([styled(""), styled("a", BOLD), styled(""), styled("b")], "\n") == Styled("a\nb", (Mark(0, 1, BOLD),))


# cards

CARD = Card(
    "kub",
    "Beratungsstelle 😀 KuB",
    (
        CardLine("phone", "Telefon", "\u20660231 50-10017\u2069 (Hotline)", "Stand 12/2021"),
        CardLine("phone", "Telefon", "112"),
        CardLine("email", "E-Mail", "info@example.org"),
        CardLine("web", "Internet", "www.kub.example/a (Seite; gut)", "Stand unbekannt"),
        CardLine("web", "Internet", "https://www.example.org/" + "lang/" * 20),
        CardLine("address", "Adresse", "Gutenbergstraße 24, 44139 Dortmund (Hof)"),
        CardLine("does", "Tut", "Berät."),
        CardLine("plan-b", "Sonst", "Andere: 0231 1"),
        CardLine("plan-b", "", "Dritte"),
    ),
)


def test_a_card_is_title_labels_and_links_without_markup(knowledge: Knowledge) -> None:
    [body] = rendered(knowledge, Reply(card=CARD))

    assert body["text"].splitlines() == [
        "Beratungsstelle 😀 KuB",
        "Telefon: \u20660231 50-10017\u2069 (Hotline) (Stand 12/2021)",
        "Telefon: 112",
        "E-Mail: info@example.org",
        "Internet: www.kub.example/a (Seite; gut) (Stand unbekannt)",
        "Internet: example.org/…",
        "Adresse: Gutenbergstraße 24, 44139 Dortmund (Hof)",
        "Tut: Berät.",
        "Sonst:",
        "Andere: 0231 1",
        "Dritte",
    ]
    coded = body["text"].encode("utf-16-le")
    styles = [
        (mark["type"], coded[mark["offset"] * 2 : (mark["offset"] + mark["length"]) * 2].decode("utf-16-le"))
        for mark in body["entities"]
    ]
    assert ("bold", "Beratungsstelle 😀 KuB") in styles
    assert ("bold", "Adresse:") in styles
    assert ("italic", " (Stand 12/2021)") in styles
    links = {mark["url"] for mark in body["entities"] if mark["type"] == "text_link"}
    assert links == {"http://www.kub.example/a", "https://www.example.org/" + "lang/" * 20}
    assert body["link_preview_options"] == {"is_disabled": True}


def test_a_card_offers_contact_and_map_above_the_other_buttons(knowledge: Knowledge) -> None:
    [body] = rendered(knowledge, Reply(card=CARD, buttons=(Button("Weiter", "do/continue", minor=True),)))

    assert keyboard(body) == [["Als Kontakt speichern"], ["Auf der Karte zeigen"], ["Weiter"]]
    save, place, _ = (row[0] for row in body["reply_markup"]["inline_keyboard"])
    assert BUTTONS.opened("1", save["callback_data"]) == "contact/kub"
    assert place["url"] == "https://www.openstreetmap.org/search?query=Gutenbergstra%C3%9Fe+24%2C+44139+Dortmund"


def test_the_contact_carries_the_number_that_can_be_dialled(knowledge: Knowledge) -> None:
    text, contact = rendered(knowledge, Reply("Bitte sehr.", card=CARD, save=True))

    assert text["text"] == "Bitte sehr."
    assert (contact["method"], contact["phone_number"]) == ("sendContact", "+492315010017")
    assert contact["first_name"] == CARD.title
    assert contact["vcard"].splitlines() == [
        "BEGIN:VCARD",
        "VERSION:3.0",
        "N:Beratungsstelle 😀 KuB;;;;",
        "FN:Beratungsstelle 😀 KuB",
        "TEL;TYPE=work,voice:+492315010017",
        "TEL;TYPE=work,voice:112",
        "EMAIL:info@example.org",
        "URL:http://www.kub.example/a",
        "URL:https://www.example.org/" + "lang/" * 20,
        "ADR;TYPE=work:;;Gutenbergstraße 24\\, 44139 Dortmund;;;;",
        "NOTE:0231 50-10017 (Hotline) (Stand 12/2021)",
        "END:VCARD",
    ]


def test_a_contact_that_is_too_long_leaves_out_the_last_lines() -> None:
    lines = (CARD.lines[0], *(CardLine("web", "", f"https://example.org/{'x' * 500}{n}") for n in range(9)))
    text = cards.vcard(Card("a", "Ä" * 90, lines))
    assert len(text.encode()) <= 2048
    assert text.endswith("END:VCARD\r\n")
    assert "TEL;TYPE=work,voice:+492315010017" in text


@pytest.mark.parametrize(
    ("number", "expected"),
    [
        ("0231 50-10747", "+492315010747"),
        ("0231 206458-0", "+492312064580"),
        ("0800 1110333", "+498001110333"),
        ("+49 231 123456", "+49231123456"),
        ("112", None),
        ("116 111", None),
        ("0231 50-1 oder -2", None),
        ("001 212 5550123", None),
        ("", None),
    ],
)
def test_a_number_is_made_international_only_where_that_is_sure(number: str, expected: str | None) -> None:
    assert cards.international(number) == expected


def test_no_contact_and_no_map_are_offered_without_number_or_postcode(knowledge: Knowledge) -> None:
    lines = (CardLine("phone", "Telefon", "112"), CardLine("address", "Adresse", "Voßkuhle 37 (Jugendamt)"))
    [body] = rendered(knowledge, Reply(card=Card("notruf", "Notruf", lines), save=True))
    assert keyboard(body) == []
    assert body["method"] == "sendMessage"


def test_every_office_can_be_shown_and_no_number_changes(knowledge: Knowledge) -> None:
    """Each phone number of the directory is on its card as it is; the contact has the same digits."""
    for (region, language), pack in knowledge.packs.items():
        for actor in pack.actors:
            replies = said(knowledge, f"> k/{actor}", region=region, language=language, audience=Audience.PARENT)
            bodies = rendered(knowledge, *replies)
            card = next(reply.card for reply in replies if reply.card)
            told = "\n".join(body["text"] for body in bodies)
            phones = [line.value for line in card.lines if line.kind == "phone"]
            assert all(phone in told for phone in phones)
            if contact := cards.contact(card):
                digits = re.sub(r"\D", "", contact["phone_number"]).removeprefix("49")
                assert any(digits in re.sub(r"\D", "", phone) for phone in phones)


# messages


def test_one_turn_is_one_message(knowledge: Knowledge) -> None:
    [body] = rendered(knowledge, *said(knowledge, "Mein Kind hat Angst vor der Schule", audience=Audience.PARENT))

    assert body["text"].startswith("Ihr Anliegen: Angst vor der Schule\n")
    assert "\n\nSchulpsychologische Beratungsstelle" in body["text"]
    assert ["Angabe falsch?"] in keyboard(body) or any("Angabe falsch?" in row for row in keyboard(body))


def test_help_in_danger_comes_first(knowledge: Knowledge) -> None:
    bodies = rendered(knowledge, *said(knowledge, "Ich will nicht mehr leben"))
    assert "112" in bodies[0]["text"]
    assert bodies[0]["text"].startswith(knowledge.texts["de"].crisis.sie.splitlines()[0])


def test_a_long_turn_has_its_buttons_below_the_last_piece(knowledge: Knowledge) -> None:
    replies = [Reply("Ein Satz. " * 900), Reply("Ende?", buttons=(Button("Ja", "do/continue"),))]

    bodies = rendered(knowledge, *replies)

    assert len(bodies) == 3
    assert [keyboard(body) for body in bodies] == [[], [], [["Ja"]]]
    assert bare("".join(body["text"] for body in bodies)) == bare("Ein Satz. " * 900 + "Ende?")
    assert all(body["text"].endswith((".", "?")) for body in bodies)


def test_short_answers_share_a_row_and_ways_out_do_not_join_them(knowledge: Knowledge) -> None:
    labels = ["Ja", "Nein", "Weiß nicht", "x" * (SHORT + 1), "kurz"]
    buttons = [Button(label, f"a/f/q/{n}") for n, label in enumerate(labels)]
    ways = (Button("Zurück", "do/back", minor=True), Button("Hilfe", "do/help", minor=True))

    [body] = rendered(knowledge, Reply("?", buttons=(*buttons, *ways)))

    assert keyboard(body) == [["Ja", "Nein"], ["Weiß nicht"], ["x" * (SHORT + 1)], ["kurz"], ["Zurück", "Hilfe"]]


def test_every_turn_of_every_region_and_language_is_taken(knowledge: Knowledge) -> None:
    for region, language, audience in itertools.product(knowledge.regions, knowledge.languages, Audience):
        known = {"region": region, "language": language, "audience": audience}
        for value in ("do/all", "do/help", "do/privacy", "do/menu", "do/language"):
            rendered(knowledge, *said(knowledge, f"> {value}", **known))
        for concern in knowledge.pack(region, language).concerns:
            replies = said(knowledge, f"> c/{concern}", **known)
            bodies = rendered(knowledge, *replies)
            assert bodies == rendered(knowledge, *replies)
            written = "".join(reply.text for reply in replies)
            assert bare(written) in bare("".join(body["text"] for body in bodies)) or any(r.card for r in replies)


def test_files_follow_their_words(knowledge: Knowledge) -> None:
    files = (File("zahlen.csv", "text/csv", b"a;b"), File("bild.png", "image/png", PNG))

    words, table, picture = rendered(
        knowledge, Reply("Die Zahlen:", files=files, buttons=(Button("Weiter", "do/continue"),))
    )

    assert (words["method"], table["method"], picture["method"]) == ("sendMessage", "sendDocument", "sendPhoto")
    assert table["file"] == {"as": "document", "name": "zahlen.csv", "content": "YTti"}
    assert keyboard(picture) == [["Weiter"]]


def test_protected_conversations_still_let_cards_and_help_be_passed_on(knowledge: Knowledge) -> None:
    crisis = Reply(knowledge.texts["tr"].crisis.du + "\n112")

    bodies = rendered(knowledge, Reply("Ihr Anliegen: X"), Reply(card=CARD), crisis, Reply("Noch was?"), protect=True)

    assert [body.get("protect_content", False) for body in bodies] == [True, False, True]
    assert bodies[1]["text"].endswith(crisis.text)
    assert not any("protect_content" in body for body in rendered(knowledge, Reply("x"), Reply(card=CARD)))


def test_what_cannot_be_sent_is_replaced(knowledge: Knowledge) -> None:
    [body] = rendered(knowledge, Reply("a\ud800b\0c"))
    assert body["text"] == "a\ufffdb\ufffdc"
