"""The pages beside the conversation: offices, files, posters, guidelines, notices."""

import re
from pathlib import Path
from time import monotonic
from xml.etree import ElementTree as ET

import pytest
from markupsafe import escape

from bot.channels.web import words
from bot.channels.web.guard import Limit
from bot.channels.web.markup import Marked, called
from bot.channels.web.pages import first_places
from config.settings import Web
from handlers import Conversation
from handlers.dialogue import CardLine
from knowledge.base import Knowledge
from knowledge.model import Pack
from tests.web_door import Visitor, door

KINDS = ("phone", "email", "person", "address")


async def test_every_office_has_a_page_a_contact_and_a_poster(knowledge: Knowledge, pack: Pack) -> None:
    visitor = Visitor(door(knowledge, limit=Limit(monotonic, 10_000))[0])

    for actor in pack.actors.values():
        page = await visitor.look(f"/stelle/{actor.id}")
        assert actor.name in page.text
        assert f"<title>{escape(actor.short)} · Dortmund – Schullotse</title>" in page.source
        contact = await visitor.client.get(f"/stelle/{actor.id}.vcf")
        assert contact.headers["content-type"].startswith("text/vcard")
        assert contact.text.startswith("BEGIN:VCARD\r\n")
        assert (await visitor.client.get(f"/stelle/{actor.id}/aushang")).status_code == 200


async def test_no_page_shows_what_is_internal_or_not_for_its_audience(knowledge: Knowledge, pack: Pack) -> None:
    visitor = Visitor(door(knowledge, limit=Limit(monotonic, 10_000))[0])

    for actor in pack.actors.values():
        for audience in actor.audiences:
            shown = {fact.value for kind in KINDS for fact in actor.of_kind(kind, audience)}
            hidden = {fact.value for fact in actor.facts if fact.kind in KINDS} - shown
            page = await visitor.look(f"/stelle/{actor.id}?wer={audience}")
            assert not [value for value in hidden if value in page.text], actor.id


async def test_opening_hours_are_a_file_where_a_calendar_can_read_them_and_only_there(knowledge: Knowledge) -> None:
    visitor = Visitor(door(knowledge, limit=Limit(monotonic, 10_000))[0])
    found = {}

    for actor in knowledge.pack("dortmund", "de").actors:
        page = await visitor.look(f"/stelle/{actor}")
        offered = any(f"/stelle/{actor}.ics" in link for link in page.links)
        response = await visitor.client.get(f"/stelle/{actor}.ics")
        assert (response.status_code == 200) == offered
        found[actor] = offered
        if offered:
            assert response.content.startswith(b"BEGIN:VCALENDAR")

    assert set(found.values()) == {True, False}


async def test_a_poster_leads_to_the_public_address(knowledge: Knowledge) -> None:
    visitor = Visitor(door(knowledge, settings=Web(url="https://lotse.example"))[0])

    page = await visitor.look("/stelle/kub/aushang?wer=student")

    assert "https://lotse.example/stelle/kub" in page.text
    assert "Hilft dir" in page.text
    code = ET.fromstring(  # noqa: S314 - our own page
        page.source[page.source.index("<svg ") : page.source.index("</svg>") + 6]
    )
    assert code.get("viewBox")
    assert code.get("width") is None


@pytest.mark.parametrize("language", ["de", "ar", "uk"])
async def test_every_guideline_is_a_picture_and_a_text_with_every_step(knowledge: Knowledge, language: str) -> None:
    visitor = Visitor(door(knowledge)[0])

    for flow in knowledge.pack("dortmund", language).flows.values():
        page = await visitor.look(f"/leitfaden/{flow.id}?sprache={language}")
        assert 'role="img"' in page.source
        places = re.findall(r'id="(schritt-[^"]+)"', page.source)
        assert {f"schritt-{node}" for node in flow.nodes} <= set(places)
        assert len(places) == len(set(places))
        assert {link for link in page.links if link.startswith("#schritt-")} <= {f"#{place}" for place in places}
        assert len(first_places(flow)) == len(flow.nodes) - 1


@pytest.mark.parametrize(
    "path", ["/stelle/nirgends", "/stelle/kub/plakat", "/leitfaden/nirgends", "/stelle/nirgends.vcf", "/x"]
)
async def test_what_does_not_exist_says_so_and_helps(knowledge: Knowledge, path: str) -> None:
    visitor = Visitor(door(knowledge)[0])

    page = await visitor.look(path)

    assert visitor.response.status_code == 404
    assert {"tel:112", "tel:110", "tel:116111"} <= set(page.links)


async def test_an_error_names_no_clinic_of_a_city_that_nobody_chose(knowledge: Knowledge, pack: Pack) -> None:
    clinic = pack.actors[pack.crisis_line].short

    assert clinic in (await Visitor(door(knowledge)[0]).look("/nirgends")).text
    assert clinic not in (await Visitor(door(knowledge, start=Conversation())[0]).look("/nirgends")).text


async def test_notices_show_what_the_operator_entered_or_that_nothing_is_entered(knowledge: Knowledge) -> None:
    operator = Web(operator="Stadt <Musterstadt>\nMusterweg 1", privacy_contact="datenschutz@stadt.example")
    entered, empty = Visitor(door(knowledge, settings=operator)[0]), Visitor(door(knowledge)[0])

    assert "Stadt <Musterstadt>\nMusterweg 1" in (await entered.look("/impressum")).text
    assert "Cookies" in (await entered.look("/datenschutz")).text
    assert "datenschutz@stadt.example" in entered.page.text
    assert "noch nichts eingetragen" in (await empty.look("/impressum")).text
    assert "noch nichts eingetragen" in (await empty.look("/datenschutz")).text


async def test_crawlers_find_offices_and_no_conversation(knowledge: Knowledge, pack: Pack) -> None:
    visitor = Visitor(door(knowledge, settings=Web(url="https://lotse.example"))[0])

    robots = await visitor.client.get("/robots.txt")
    sitemap = await visitor.client.get("/sitemap.xml")
    tree = ET.fromstring(sitemap.content)  # noqa: S314 - our own page
    urls = [element.text or "" for element in tree.iter() if element.tag.endswith("loc")]
    assert "Sitemap: https://lotse.example/sitemap.xml" in robots.text
    assert "https://lotse.example/stelle/kub?stadt=dortmund" in urls
    assert len(urls) == len(set(urls)) >= 1 + len(pack.actors) + len(pack.flows)
    assert sum("/stelle/notruf-116111?" in url for url in urls) == 1

    await visitor.look()
    assert "x-robots-tag" not in visitor.response.headers
    await visitor.look("/?anliegen=mobbing")
    assert visitor.response.headers["x-robots-tag"] == "noindex"
    await visitor.write("hallo")
    assert visitor.response.headers["x-robots-tag"] == "noindex"


async def test_a_contact_for_holes_is_named_if_there_is_one(knowledge: Knowledge) -> None:
    said = Visitor(door(knowledge, settings=Web(security_contact="https://stadt.example/sicherheit"))[0])
    silent = Visitor(door(knowledge)[0])

    answer = await said.client.get("/.well-known/security.txt")

    assert answer.text == "Contact: https://stadt.example/sicherheit\nExpires: 2027-05-19T10:00:00+02:00\n"
    assert (await silent.client.get("/.well-known/security.txt")).status_code == 404


def test_the_pages_speak_every_language_the_bot_speaks(knowledge: Knowledge) -> None:
    read = words.read()

    assert set(knowledge.languages) <= set(read)
    assert {len(one.privacy_page) for one in read.values()} == {6}
    assert all("112" in one.danger and "112" in one.offline for one in read.values())


def test_a_file_with_a_missing_or_unknown_word_is_refused(tmp_path: Path) -> None:
    (tmp_path / "de.yaml").write_text("tagline: ja\nfarbe: rot\n", "utf-8")

    with pytest.raises(ValueError, match=r"de\.yaml:2: unknown key 'farbe'"):
        words.read(tmp_path)


@pytest.mark.parametrize(
    ("number", "address"),
    [
        ("112", "tel:112"),
        ("116 111", "tel:116111"),
        ("0800 1110111", "tel:+49-800-1110111"),
        ("0231 91301-90", "tel:+49-231-9130190"),
        ("0231 5010017", "tel:+49-231-5010017"),
    ],
)
def test_a_number_is_dialled_from_every_phone(number: str, address: str) -> None:
    assert called(number) == address


def test_only_numbers_of_the_directory_are_dialled(knowledge: Knowledge) -> None:
    marked = Marked(knowledge)

    assert marked.linked("Stand 12/2021, § 41 SchulG, 0231 999999999 oder 2112") == (
        "Stand 12/2021, § 41 SchulG, 0231 999999999 oder 2112"
    )
    assert marked.linked("Rufen Sie 112 an.") == (
        'Rufen Sie <a class="tel" href="tel:112"><bdi dir="ltr">112</bdi></a> an.'
    )
    row = marked.row(CardLine("phone", "Telefon", "\u2066116 111\u2069 (nachts)"))
    assert (row.number, row.call, row.rest) == ("116 111", "tel:116111", "nachts")


def test_addresses_become_links_that_tell_nobody_where_one_comes_from(knowledge: Knowledge) -> None:
    linked = Marked(knowledge).linked('www.stadt.example/a (Seite), amt@stadt.example, https://a.example/?q="x".')

    assert linked == (
        '<a href="https://www.stadt.example/a" target="_blank" rel="noopener noreferrer"><bdi>www.stadt.example/a</bdi>'
        '</a> (Seite), <a href="mailto:amt@stadt.example"><bdi>amt@stadt.example</bdi></a>, '
        '<a href="https://a.example/?q=" target="_blank" rel="noopener noreferrer"><bdi>https://a.example/?q=</bdi></a>'
        "&#34;x&#34;."
    )
