"""What the web door refuses, and what every response carries."""

import re
from time import monotonic

import pytest

from bot.channels.web import application
from bot.channels.web.guard import ADDRESSES, BODY, REQUESTS, Limit
from config.settings import Settings, SettingsError, Web, read
from handlers.dialogue import Reply
from knowledge.base import Knowledge
from tests.conftest import AT
from tests.web_door import Visitor, door

PATHS = (
    "/",
    "/stelle/kub",
    "/stelle/kub.vcf",
    "/leitfaden/eltern",
    "/datenschutz",
    "/robots.txt",
    "/nirgends",
    "/static/style.css",
)


@pytest.mark.parametrize("path", PATHS)
async def test_every_response_carries_the_headers_that_protect(knowledge: Knowledge, path: str) -> None:
    response = await Visitor(door(knowledge)[0]).client.get(path)

    policy = response.headers["content-security-policy"]
    assert "default-src 'self'" in policy
    assert "frame-ancestors 'none'" in policy
    assert "unsafe" not in policy
    assert response.headers["referrer-policy"] == "no-referrer"
    assert response.headers["x-content-type-options"] == "nosniff"
    assert response.headers["x-frame-options"] == "DENY"
    assert "microphone=()" in response.headers["permissions-policy"]
    assert "set-cookie" not in response.headers
    assert "server" not in response.headers
    expected = "public, max-age=31536000, immutable" if "static" in path else "no-store"
    assert response.headers["cache-control"] == expected


async def test_no_page_has_anything_inline_that_the_policy_would_stop(knowledge: Knowledge) -> None:
    visitor = Visitor(door(knowledge)[0])

    for path in ("/", "/stelle/kub", "/stelle/kub/aushang", "/leitfaden/eltern", "/datenschutz", "/nirgends"):
        source = (await visitor.look(path)).source
        assert " style=" not in source
        assert "<style" not in source
        assert " onclick" not in source
        assert source.count("<script") == source.count("<script src=") == 1
        assert source.replace("http://www.w3.org", "").count('src="http') == 0


async def test_only_the_named_origins_may_show_it_in_a_frame(knowledge: Knowledge) -> None:
    settings = Web(embed_in=("https://www.stadt.example", "https://schule.example"))

    response = await Visitor(door(knowledge, settings=settings)[0]).client.get("/")

    assert response.headers["content-security-policy"].endswith(
        "frame-ancestors https://www.stadt.example https://schule.example"
    )
    assert "x-frame-options" not in response.headers


@pytest.mark.parametrize(
    ("headers", "status"),
    [
        ({}, 200),
        ({"Origin": "null"}, 200),
        ({"Origin": "http://door.test"}, 200),
        ({"Sec-Fetch-Site": "same-origin", "Origin": "null"}, 200),
        ({"Origin": "https://evil.example"}, 403),
        ({"Sec-Fetch-Site": "cross-site", "Origin": "null"}, 403),
        ({"Sec-Fetch-Site": "same-site"}, 403),
    ],
)
async def test_a_foreign_page_cannot_speak_for_its_visitor(
    knowledge: Knowledge, headers: dict[str, str], status: int
) -> None:
    app, answer = door(knowledge)
    visitor = Visitor(app)
    await visitor.look()
    visitor.client.headers.update(headers)

    await visitor.write("hallo")

    assert visitor.response.status_code == status
    assert bool(answer.asked) == (status == 200)


async def test_a_form_that_is_too_large_is_refused_whatever_it_says_of_its_length(knowledge: Knowledge) -> None:
    app, answer = door(knowledge)
    visitor = Visitor(app)
    await visitor.look()

    await visitor.write("a" * BODY)
    assert visitor.response.status_code == 413
    assert "tel:112" in visitor.page.links

    async def streamed():  # type: ignore[no-untyped-def]
        for _ in range(100):
            yield b"text=" + b"a" * 1024

    kind = {"Content-Type": "application/x-www-form-urlencoded"}
    assert (await visitor.client.post("/", content=streamed(), headers=kind)).status_code == 413
    assert answer.asked == []


async def test_a_long_message_is_still_answered(knowledge: Knowledge) -> None:
    visitor = Visitor(door(knowledge)[0])
    await visitor.look()

    page = await visitor.write("Mein Kind hat Angst vor der Schule. " * 100)

    assert visitor.response.status_code == 200
    assert "Wer fragt?" in page.text


@pytest.mark.parametrize(
    ("content", "kind", "status"),
    [
        (b"{}", "application/json", 415),
        (b"--x--", "multipart/form-data; boundary=x", 415),
        (b"&".join([b"a=1"] * 50), "application/x-www-form-urlencoded", 400),
        (b"", "application/x-www-form-urlencoded", 200),
        (b"text=%ff%fe%00&token=%ED%A0%80", "application/x-www-form-urlencoded", 200),
    ],
)
async def test_whatever_is_sent_gets_a_page(knowledge: Knowledge, content: bytes, kind: str, status: int) -> None:
    visitor = Visitor(door(knowledge)[0])

    response = await visitor.client.post("/", content=content, headers={"Content-Type": kind})

    assert response.status_code == status
    assert 'href="tel:112"' in response.text


@pytest.mark.parametrize("method", ["PUT", "DELETE", "PATCH", "OPTIONS"])
async def test_other_methods_are_refused_with_a_page(knowledge: Knowledge, method: str) -> None:
    response = await Visitor(door(knowledge)[0]).client.request(method, "/")

    assert response.status_code == 405
    assert 'href="tel:116111"' in response.text


async def test_too_many_requests_of_one_address_stop_and_others_go_on(knowledge: Knowledge) -> None:
    now = [0.0]
    app, _ = door(knowledge, limit=Limit(lambda: now[0], 3))
    one, other = Visitor(app), Visitor(app, address="192.0.2.2")

    statuses = [(await one.client.get("/impressum")).status_code for _ in range(4)]
    refused = await one.client.get("/")
    assert statuses == [200, 200, 200, 429]
    assert refused.headers["retry-after"] == "600"
    assert "tel:112" in refused.text
    assert (await other.client.get("/")).status_code == 200

    now[0] = 600.0
    assert (await one.client.get("/")).status_code == 200


async def test_only_our_own_proxy_says_for_whom_it_asks(knowledge: Knowledge) -> None:
    for proxies, expected in (((), 429), (("192.0.2.1",), 200)):
        app, _ = door(knowledge, settings=Web(proxies=proxies), limit=Limit(monotonic, 3))
        visitor = Visitor(app)
        for number in range(4):
            visitor.client.headers["X-Forwarded-For"] = f"1.1.1.1, 198.51.100.{number}"
            response = await visitor.client.get("/impressum")
        assert response.status_code == expected


def test_the_limit_keeps_no_address_and_a_bounded_number_of_marks() -> None:
    limit = Limit(lambda: 0.0)

    for number in range(ADDRESSES + 10):
        assert not limit.reached(f"198.51.100.{number}")

    assert len(limit._counts) == ADDRESSES
    assert not [mark for mark in limit._counts if b"198" in mark]
    assert REQUESTS > 1_000  # thirty pupils in one room share an address


async def test_an_error_is_a_page_with_help_and_without_details(knowledge: Knowledge) -> None:
    async def failing(_: object) -> tuple[Reply, ...]:
        raise RuntimeError("secret words")

    visitor = Visitor(application(failing, lambda: knowledge, Web(), clock=lambda: AT))
    await visitor.look()

    page = await visitor.write("hallo")

    assert visitor.response.status_code == 500
    assert "secret words" not in page.source
    assert "schiefgegangen" in page.text
    assert {"tel:112", "tel:116111"} <= set(page.links)
    assert visitor.response.headers["cache-control"] == "no-store"
    assert "default-src 'self'" in visitor.response.headers["content-security-policy"]


async def test_files_are_named_by_their_content(knowledge: Knowledge) -> None:
    visitor = Visitor(door(knowledge)[0])
    page = await visitor.look()

    for link in re.findall(r'(?:href|src)="(/static/[^"]+)"', page.source):
        response = await visitor.client.get(link)
        assert response.status_code == 200
        assert "?v=" in link
    assert (await visitor.client.get("/static/../site.py")).status_code == 404


@pytest.mark.parametrize(
    ("values", "said"),
    [
        ({"SCHULLOTSE_WEB__EMBED_IN": "https://a.example/pfad"}, "an origin such as"),
        ({"SCHULLOTSE_WEB__EMBED_IN": "https://a.example; script-src *"}, "such as https://"),
        ({"SCHULLOTSE_WEB__URL": "lotse.example"}, "an address such as"),
        ({"SCHULLOTSE_WEB__EXIT_URL": "javascript:alert(1)"}, "an address such as"),
    ],
)
def test_a_wrong_address_in_the_settings_says_what_would_be_right(values: dict[str, str], said: str) -> None:
    with pytest.raises(SettingsError, match=said):
        read(None, values)


def test_the_settings_of_the_web_door_are_read() -> None:
    values = {
        "SCHULLOTSE_WEB__URL": "https://lotse.example/",
        "SCHULLOTSE_WEB__EMBED_IN": "https://a.example, https://b.example",
    }

    settings: Settings = read(None, values)

    assert settings.web.url == "https://lotse.example"
    assert settings.web.embed_in == ("https://a.example", "https://b.example")
