"""What events mean, and how replies look: pure, for JSON of any shape and replies of any size."""

import json
from html.parser import HTMLParser
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.channels.matrix import events, render
from bot.channels.matrix.client import readable
from bot.channels.port import Incoming
from bot.render import plain
from handlers.dialogue import Button, Card, CardLine, File, Reply

ME = "@bot:localhost"
ANNA = "@anna:localhost"
ROOM = "!room"
JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(st.characters()),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(max_size=5), inner, max_size=4),
    max_leaves=10,
)
KINDS = st.sampled_from(["m.room.message", "m.sticker", "m.reaction", "m.room.tombstone", "m.room.member"])
WORDS = st.sampled_from(["m.text", "m.image", "m.replace", "m.thread", "m.annotation", "x"])
CONTENT = st.fixed_dictionaries(
    {},
    optional={
        "msgtype": WORDS | JSON,
        "body": st.text(st.characters()) | JSON,
        "filename": JSON,
        "m.new_content": JSON,
        "replacement_room": JSON,
        "membership": JSON,
        "m.relates_to": JSON
        | st.fixed_dictionaries({"rel_type": WORDS}, optional={"event_id": JSON, "key": JSON, "m.in_reply_to": JSON}),
    },
)
EVENT = JSON | st.fixed_dictionaries(
    {"type": KINDS | JSON, "content": CONTENT | JSON},
    optional={"sender": st.just(ANNA) | JSON, "event_id": st.just("$1") | JSON, "state_key": JSON},
)


NEW = {"msgtype": "m.text", "body": "neu"}
ANSWER = {"m.relates_to": {"m.in_reply_to": {"event_id": "$0"}}}


def message(content: Any, kind: str = "m.room.message", sender: str = ANNA) -> Incoming | None:
    return events.incoming(ROOM, {"type": kind, "sender": sender, "event_id": "$1", "content": content}, ME)


def written(body: str, **more: Any) -> Incoming | None:
    return message({"msgtype": "m.text", "body": body, **more})


@given(EVENT)
def test_an_event_of_any_shape_never_raises(event: Any) -> None:
    found = events.incoming(ROOM, event, ME)
    events.undecryptable(ROOM, event)
    events.replacement(event)
    events.invited(event, ME)
    if found:
        assert (found.text is None) != (found.press is None)
        assert found.id
        json.dumps([found.text, found.id, found.sender, found.mark], ensure_ascii=False).encode()


@given(st.fixed_dictionaries({}, optional={"rooms": JSON, "to_device": JSON, "chunk": JSON, "next_batch": JSON}))
def test_an_answer_of_any_shape_can_be_cleaned(body: dict[str, Any]) -> None:
    readable(body)


BROKEN = {
    **dict.fromkeys(("sender", "event_id", "state_key"), "@x:y"),
    "type": "m.room.member",
    "origin_server_ts": 1,
    "content": {"membership": "join"},
    "unsigned": {"prev_content": 7},
}
"""nio's parser raises on it."""


def test_cleaning_keeps_what_can_be_read() -> None:
    good = {"type": "m.room.message", "sender": ANNA, "event_id": "$1", "origin_server_ts": 1, "content": {}}
    body = {"rooms": {"join": {ROOM: {"timeline": {"events": [good, BROKEN], "limited": True}}}}}

    assert readable(body)["rooms"]["join"][ROOM]["timeline"] == {"events": [good], "limited": True}


@pytest.mark.parametrize(
    ("said", "text"),
    [
        (written("Hallo"), "Hallo"),
        (message({"msgtype": "m.emote", "body": "weint"}), "weint"),
        (written("* neu", **{"m.new_content": NEW, "m.relates_to": {"rel_type": "m.replace"}}), "neu"),
        (written("> <@x:y> alt\n> mehr\n\nneu\n> kein Zitat", **ANSWER), "neu\n> kein Zitat"),
        (written("> selbst geschrieben"), "> selbst geschrieben"),
        (written("> nur Zitat", **ANSWER), "> nur Zitat"),
        (message({"msgtype": "m.image", "body": "Hilfe", "filename": "bild.jpg"}), "Hilfe"),
        (message({"m.relates_to": {"rel_type": "m.annotation", "event_id": "$0", "key": "3️⃣"}}, "m.reaction"), "3"),
        (message({"m.relates_to": {"rel_type": "m.annotation", "event_id": "$0", "key": "🔟"}}, "m.reaction"), "10"),
        (written("halbes \ud83d Zeichen"), "halbes ? Zeichen"),
    ],
)  # fmt: skip
def test_what_was_typed_is_read(said: Incoming | None, text: str) -> None:
    assert said is not None
    assert said.text == text


@pytest.mark.parametrize(
    "said",
    [
        message({"msgtype": "m.notice", "body": "Ich bin ein Bot"}),
        message({"msgtype": "m.text", "body": "Echo"}, sender=ME),
        message({"msgtype": "m.text"}),
        message({"msgtype": "m.text", "body": ""}),
        message({"msgtype": "m.key.verification.request", "body": "Verify?"}),
        message({}),
        message({"m.relates_to": {"rel_type": "m.annotation", "event_id": "$0", "key": "👍"}}, "m.reaction"),
        message({"reason": "x"}, "m.room.redaction"),
        events.incoming(ROOM, {"type": "m.room.message", "state_key": "", "sender": ANNA, "event_id": "$1"}, ME),
    ],
)
def test_what_is_not_for_us_is_ignored(said: Incoming | None) -> None:
    assert said is None


@pytest.mark.parametrize("kind", sorted(events.MEDIA))
def test_media_and_stickers_are_named_unreadable(kind: str) -> None:
    said = (message({"msgtype": kind, "body": "x", "filename": "x"}), message({"body": "x"}, "m.sticker"))

    assert [item and item.press for item in said] == [events.UNREADABLE] * 2


def test_the_server_of_a_user_is_what_follows_the_first_colon() -> None:
    assert [events.server(user) for user in ("@a:Example.org", "@a:example.org:8448", "a")] == [
        "example.org", "example.org:8448", "",
    ]  # fmt: skip


# replies


def body(*replies: Reply, incoming: Incoming = Incoming("matrix", ROOM, "x", id="$1")) -> Any:  # noqa: B008
    return render.messages(incoming, replies)


CARD = Card(
    "amt",
    "Amt <für> Alles",
    (
        CardLine("phone", "Telefon", "0231 50-10747 (Büro)", "Stand 2026"),
        CardLine("email", "E-Mail", "amt@stadt.de (Büro)"),
        CardLine("web", "Internet", "www.stadt.de/amt?a=1&b=2 (Seite)"),
        CardLine("no-phone", "", "Sonst hilft 0231 50-10747."),
    ),
)


def test_a_card_has_links_and_nothing_else_is_markup() -> None:
    (made,) = body(Reply("Guten <b>Tag</b>\nweiter", CARD, (Button("Ja & nein", "a"),)))
    html = made["content"]["formatted_body"]

    assert made["content"]["body"] == plain([Reply("Guten <b>Tag</b>\nweiter", CARD, (Button("Ja & nein", "a"),))])
    assert "Guten &lt;b&gt;Tag&lt;/b&gt;<br>weiter" in html
    assert "<strong>Amt &lt;für&gt; Alles</strong>" in html
    assert '<a href="tel:02315010747">0231 50-10747</a> (Büro) <em>(Stand 2026)</em>' in html
    assert '<a href="mailto:amt@stadt.de">amt@stadt.de</a> (Büro)' in html
    assert '<a href="https://www.stadt.de/amt?a=1&amp;b=2">www.stadt.de/amt?a=1&amp;b=2</a> (Seite)' in html
    assert 'Sonst hilft <a href="tel:02315010747">0231 50-10747</a>.' in html
    assert "<ol><li>Ja &amp; nein</li></ol>" in html
    assert made["content"]["msgtype"] == "m.notice"


@pytest.mark.parametrize(
    ("text", "numbers"),
    [
        ("112 – Rettungsdienst", ["112"]),
        ("Rufen Sie 112 an.", ["112"]),
        ("116 111 – Kinder- und Jugendtelefon", ["116111"]),
        ("0800 1110111 – TelefonSeelsorge", ["08001110111"]),
        ("112 Kinder in 110 Klassen", []),
        ("06844 Dessau-Roßlau, § 116 123, Stand 01/2024 - 03/2025, 14:30 Uhr, 05.01.2024", []),
    ],
)
def test_only_phone_numbers_can_be_dialled(text: str, numbers: list[str]) -> None:
    (made,) = body(Reply(text))

    assert [f'href="tel:{number}"' in made["content"]["formatted_body"] for number in numbers] == [True] * len(numbers)
    assert made["content"]["formatted_body"].count("tel:") == len(numbers)


def test_only_the_last_options_have_numbers() -> None:
    (made,) = body(Reply("eins", buttons=(Button("alt", "a"),)), Reply("zwei", buttons=(Button("neu", "b"),)))

    assert "1) neu" in made["content"]["body"]
    assert "alt" not in made["content"]["body"] + made["content"]["formatted_body"]


def test_an_answer_in_a_thread_stays_there() -> None:
    (made,) = body(Reply("eins"), incoming=Incoming("matrix", ROOM, "x", id="$2", mark={"thread": "$1"}))

    assert made["content"]["m.relates_to"] == {
        "rel_type": "m.thread", "event_id": "$1", "is_falling_back": True, "m.in_reply_to": {"event_id": "$2"},
    }  # fmt: skip


def test_files_follow_the_text() -> None:
    text, file = body(Reply("Hier", files=(File("a.vcf", "text/vcard", b"\x00\xff"),)))

    assert text["content"]["body"] == "Hier"
    assert file["file"] == {"name": "a.vcf", "media_type": "text/vcard", "content": "AP8="}


def test_nothing_to_say_is_no_message() -> None:
    assert body() == body(Reply()) == ()


@given(
    st.lists(
        st.tuples(st.text(st.characters(exclude_categories=["Cs"]), max_size=20), st.integers(1, 2_000)), max_size=4
    )
)
def test_every_message_fits_and_nothing_is_lost(parts: list[tuple[str, int]]) -> None:
    texts = [text * times for text, times in parts]
    made = body(*(Reply(text) for text in texts))

    for part in made:
        assert len(json.dumps(part["content"], ensure_ascii=False).encode()) < 47_000
    said = "".join(part["content"]["body"] for part in made)
    assert "".join(said.split()) == "".join("".join(texts).split())


class _Text(HTMLParser):
    def __init__(self) -> None:
        super().__init__()
        self.text = ""

    def handle_data(self, data: str) -> None:
        self.text += data


@given(st.text(st.characters(exclude_categories=["Cs", "Cc"])), st.text(st.characters(exclude_categories=["Cs", "Cc"])))
def test_text_stays_text_in_html(text: str, value: str) -> None:
    lines = tuple(CardLine(kind, "", value) for kind in ("phone", "email", "web", "does"))
    for made in body(Reply(text, Card("a", "", lines))):
        parser = _Text()
        parser.feed(made["content"].get("formatted_body", ""))
        parser.close()
        assert parser.text == text + value * 4
