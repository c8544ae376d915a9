"""axe finds nothing to complain of: every kind of page, light and dark, from left and from right."""

from collections.abc import Callable, Iterator
from typing import Any

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Page, expect

from knowledge.base import Knowledge
from tests.web_door import door, serving

PATHS = (
    "/",
    "/?sprache=ar",
    "/?anliegen=schulangst&wer=parent",
    "/?anliegen=akute-gefahr&wer=student",
    "/?anliegen=schulangst&wer=parent&sprache=ar",
    "/stelle/kub",
    "/stelle/kub?sprache=ar",
    "/stelle/kub/aushang?wer=student",
    "/leitfaden/formen",
    "/datenschutz",
    "/impressum",
)


@pytest.fixture(scope="module")
def url(knowledge: Knowledge) -> Iterator[str]:
    with serving(door(knowledge)[0]) as address:
        yield address


def violations(page: Page) -> list[str]:
    """What axe finds, best practices included, in light; and the contrasts, the only thing that changes, in dark."""
    found = []
    for scheme, options in (("light", {}), ("dark", {"runOnly": ["color-contrast"]})):
        page.emulate_media(color_scheme=scheme, reduced_motion="reduce")
        found += Axe().run(page, options={"resultTypes": ["violations"], **options}).response["violations"]
    return [f"{one['id']}: {node['html']}" for one in found for node in one["nodes"]]


def test_no_page_shuts_anybody_out(window: Callable[..., Any], url: str) -> None:
    with window() as visit:
        for path in PATHS:
            visit.page.goto(url + path)
            assert violations(visit.page) == [], path


def test_no_conversation_shuts_anybody_out(window: Callable[..., Any], url: str) -> None:
    with window() as visit:
        page = visit.page
        page.goto(url)
        for text in ("Mein Kind hat Angst vor der Schule", "ich will nicht mehr leben"):
            page.fill("#text", text)
            page.click(".send")
            expect(page.locator(".mine").last).to_contain_text(text)
            assert violations(page) == []
        expect(page.get_by_role("log")).to_have_attribute("aria-live", "polite")


def test_axe_sees_what_it_should(window: Callable[..., Any], url: str) -> None:
    with window() as visit:
        visit.page.goto(url)
        visit.page.evaluate("document.querySelector('label').remove()")
        visit.page.evaluate("document.querySelector('#text').removeAttribute('placeholder')")
        visit.page.evaluate("document.styleSheets[0].insertRule('.way, p { color: #8888 }', 0)")
        visit.page.evaluate("document.body.style.color = '#888'")
        assert {found.partition(":")[0] for found in violations(visit.page)} >= {"label", "color-contrast"}


def test_a_page_that_does_not_exist_shuts_nobody_out(window: Callable[..., Any], url: str) -> None:
    with window() as visit:
        visit.page.goto(f"{url}/nirgends")
        assert violations(visit.page) == []
        assert "404" in visit.complaints.pop()
