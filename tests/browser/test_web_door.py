"""The web door in a real browser: whole dialogues with and without JavaScript, and what its pages promise."""

from collections.abc import Callable, Iterator
from typing import Any

import pytest
from playwright.sync_api import Page, expect
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import HTMLResponse, Response
from starlette.routing import Route

from config.settings import Web
from handlers.dialogue import Referred
from knowledge.base import Knowledge
from tests.web_door import Recorder, door, serving

NEUTRAL = "https://neutral.example/"
FEAR = "Mein Kind hat Angst vor der Schule"
Window = Callable[..., Any]


@pytest.fixture(scope="module")
def served(knowledge: Knowledge) -> Iterator[tuple[str, Recorder]]:
    app, answer = door(knowledge, settings=Web(exit_url=NEUTRAL))
    with serving(app) as url:
        yield url, answer


@pytest.fixture
def url(served: tuple[str, Recorder]) -> str:
    return served[0]


def write(page: Page, text: str) -> None:
    """Write *text* and wait for its answer."""
    page.fill("#text", text)
    page.click(".send")
    expect(page.locator(".mine").last).to_contain_text(text)


def press(page: Page, name: str) -> None:
    """Press the choice that begins with *name* and wait for the answer."""
    page.locator("#antwort .choices button").filter(has_text=name).first.click()
    expect(page.locator(".mine").last).to_contain_text(name)


@pytest.mark.parametrize("scripts", [True, False], ids=["javascript", "plain"])
def test_a_parent_at_night_finds_an_office(window: Window, served: tuple[str, Recorder], scripts: bool) -> None:
    url, answer = served
    with window(java_script_enabled=scripts) as visit:
        page = visit.page
        page.goto(url)
        expect(page.get_by_text("Was Sie schreiben, hebe ich nicht auf")).to_be_visible()
        write(page, FEAR)
        press(page, "Mutter, Vater")
        card = page.locator("#antwort .card")
        expect(card.get_by_role("heading")).to_have_text("Schulpsychologische Beratungsstelle für die Stadt Dortmund")
        expect(card.get_by_role("link", name="0231 50-10747")).to_have_attribute("href", "tel:+49-231-5010747")
        press(page, "Mehr: Kinderarztpraxis")
        press(page, "Weiter")
        write(page, "Sie sagt, sie will nicht mehr leben")
        alarm = page.locator("#antwort .alarm")
        expect(alarm.get_by_role("link").first).to_have_text("112")
        expect(alarm.get_by_role("link", name="116 111")).to_have_attribute("href", "tel:116111")
        assert alarm.bounding_box()["y"] < 844
        press(page, "Weiter")
        expect(page.locator("#antwort .card")).to_be_visible()
        assert page.url.partition("#")[0] == f"{url}/"
        assert page.locator(".turn").count() == (7 if scripts else 1)
    assert len({incoming.chat for incoming in answer.asked[-6:]}) == 1


@pytest.mark.parametrize("scripts", [True, False], ids=["javascript", "plain"])
def test_a_teacher_follows_the_guideline_to_its_end(
    window: Window, served: tuple[str, Recorder], scripts: bool
) -> None:
    url, answer = served
    counted = len(answer.events)
    with window(java_script_enabled=scripts) as visit:
        page = visit.page
        page.goto(url)
        press(page, "Ich arbeite an einer Schule")
        page.locator('#antwort button[value^="f/fehlzeiten "]').click()
        expect(page.locator('#antwort button[value^="a/fehlzeiten/"]').first).to_be_visible()
        for _ in range(12):
            if page.locator("#antwort .card").count():
                break
            choice = page.locator("#antwort button.choice").nth(1)
            asked = choice.get_attribute("value").rpartition("/")[0]
            choice.click()
            expect(page.locator(f'#antwort button.choice[value^="{asked}/"]')).to_have_count(0)
        expect(page.locator("#antwort .card").first).to_be_visible()
        press(page, "Meine Angaben")
        expect(page.locator('#antwort button[value^="change/"]').first).to_be_visible()
        press(page, "Weiter")
        press(page, "Neu anfangen")
        expect(page.get_by_text("Wer fragt?").last).to_be_visible()
    assert sum(isinstance(event, Referred) for event in answer.events[counted:]) == 1


def test_everything_can_be_done_with_the_keyboard(window: Window, url: str) -> None:
    with window() as visit:
        page = visit.page
        page.goto(url)
        page.keyboard.press("Tab")
        expect(page.locator(".skip")).to_be_focused()
        tab_to(page, '[value^="as/parent"]')
        page.keyboard.press("Enter")
        expect(page.locator("#antwort")).to_be_focused()
        expect(page.locator("#antwort .mine")).to_contain_text("Mutter, Vater")
        tab_to(page, "#text")
        page.keyboard.type("erste Zeile")
        page.keyboard.press("Shift+Enter")
        page.keyboard.type(FEAR)
        page.keyboard.press("Enter")
        expect(page.locator("#antwort .card")).to_be_visible()
        expect(page.locator("#text")).to_be_focused()
        expect(page.locator("#text")).to_have_value("")


def tab_to(page: Page, selector: str) -> None:
    for _ in range(60):
        page.keyboard.press("Tab")
        if page.evaluate("selector => document.activeElement.matches(selector)", selector):
            return
    raise AssertionError(f"{selector} cannot be reached with the Tab key")


def test_without_javascript_the_keyboard_suffices_too(window: Window, url: str) -> None:
    with window(java_script_enabled=False) as visit:
        page = visit.page
        page.goto(url)
        page.locator("#text").focus()
        page.keyboard.type(FEAR)
        page.keyboard.press("Tab")
        page.keyboard.press("Enter")
        expect(page.locator(".mine")).to_contain_text(FEAR)


def test_a_reload_goes_on_where_the_conversation_was(window: Window, url: str) -> None:
    with window() as visit:
        page = visit.page
        page.goto(url)
        press(page, "Mutter, Vater")
        write(page, FEAR)
        page.reload()
        expect(page.locator("#antwort .card")).to_be_visible()
        assert page.locator(".turn").count() == 1


def test_a_reload_without_javascript_shows_the_same_answer(window: Window, served: tuple[str, Recorder]) -> None:
    url, answer = served
    with window(java_script_enabled=False) as visit:
        visit.page.goto(url)
        write(visit.page, FEAR)
        asked = len(answer.asked)
        visit.page.reload()
        expect(visit.page.locator(".mine")).to_contain_text(FEAR)
        assert len(answer.asked) == asked


def test_nothing_is_kept_but_a_token_for_this_window(window: Window, url: str) -> None:
    with window() as visit:
        page = visit.page
        page.goto(url)
        assert page.evaluate("Object.keys(sessionStorage)") == []
        write(page, FEAR)
        assert page.evaluate("Object.keys(sessionStorage)") == ["schullotse"]
        assert page.evaluate("sessionStorage.schullotse.length") == 32
        assert page.evaluate("localStorage.length") == 0
        assert page.evaluate("async () => (await indexedDB.databases()).length + (await caches.keys()).length") == 0
        assert page.evaluate("document.cookie") == ""
        assert visit.hosts() == {url.removeprefix("http://")}
        assert not [one for one in visit.requests if "Angst" in one]


@pytest.mark.parametrize("way", ["click", "escape", "plain"])
def test_the_quick_exit_leaves_nothing_to_go_back_to(window: Window, url: str, way: str) -> None:
    with window(java_script_enabled=way != "plain") as visit:
        page = visit.page
        page.route(f"{NEUTRAL}**", lambda route: route.fulfill(body="<title>Wetter</title>", content_type="text/html"))
        page.goto(url)
        write(page, FEAR)
        if way == "escape":
            page.locator("#text").fill("noch nicht gesendet")
            page.keyboard.press("Escape")
            page.keyboard.press("Escape")
        else:
            page.click("#exit")
        expect(page).to_have_title("Wetter")
        if way != "plain":
            page.go_back()
            expect(page.locator(".mine")).to_have_count(0)


def test_a_lost_connection_is_told_and_nothing_is_lost(window: Window, url: str) -> None:
    with window() as visit:
        page = visit.page
        page.goto(url)
        page.context.set_offline(True)
        page.fill("#text", FEAR)
        page.click(".send")
        expect(page.locator("#status")).to_contain_text("112")
        expect(page.locator("#text")).to_have_value(FEAR)
        page.context.set_offline(False)
        page.click(".send")
        expect(page.locator(".mine")).to_contain_text(FEAR)
        expect(page.locator("#status")).to_be_empty()
        visit.complaints[:] = [said for said in visit.complaints if "ERR_INTERNET_DISCONNECTED" not in said]


def test_arabic_reads_from_right_to_left_and_numbers_do_not(window: Window, url: str) -> None:
    with window(locale="ar") as visit:
        page = visit.page
        page.goto(url)
        exit_, brand = page.locator("#exit").bounding_box(), page.locator(".brand").bounding_box()
        assert page.locator("html").get_attribute("dir") == "rtl"
        assert exit_["x"] < brand["x"]
        write(page, "طفلي يخاف من المدرسة")
        page.locator('#antwort [value^="as/parent"]').click()
        number = page.locator("#antwort .card .tel bdi").first
        expect(number).to_have_text("0231 50-10747")
        assert number.get_attribute("dir") == "ltr"
        page.locator('[value^="lang/de"], nav.languages a[lang=de]').first.click()
        expect(page.locator("html")).to_have_attribute("dir", "ltr")
        expect(page.locator("#exit")).to_have_text("Seite schnell verlassen")


def test_a_language_changed_in_the_conversation_changes_the_page_around_it(window: Window, url: str) -> None:
    with window() as visit:
        page = visit.page
        page.goto(url)
        write(page, "Sprache")
        page.locator('#antwort [value^="lang/uk"]').click()
        expect(page.locator("html")).to_have_attribute("lang", "uk")
        expect(page.locator(".send")).to_have_text("Надіслати")
        expect(page.locator("#antwort")).to_have_attribute("lang", "uk")
        assert page.locator(".turn").nth(1).get_attribute("lang") == "de"


def test_the_first_page_is_small(window: Window, url: str) -> None:
    with window() as visit:
        sizes = []
        visit.page.on("response", lambda response: sizes.append(len(response.body())))
        visit.page.goto(url, wait_until="networkidle")
        assert len(visit.requests) <= 5
        assert sum(sizes) <= 60_000


@pytest.mark.parametrize("width", [320, 1920])
def test_nothing_scrolls_sideways_and_every_button_fits_a_finger(window: Window, url: str, width: int) -> None:
    with window(width=width) as visit:
        page = visit.page
        for path in (
            "/datenschutz",
            "/impressum",
            "/stelle/schulpsychologie",
            "/stelle/kub/aushang",
            "/leitfaden/fehlzeiten",
        ):
            page.goto(url + path)
            assert_fits(page, width)
        for language in ("de", "ar", "bg"):
            page.goto(f"{url}/?sprache={language}&anliegen=schulangst&wer=parent")
            assert_fits(page, width)
        write(page, "ich will nicht mehr leben " + "x" * 300)
        assert_fits(page, width)


def assert_fits(page: Page, width: int) -> None:
    assert page.evaluate("document.documentElement.scrollWidth") <= width
    small = "[...document.querySelectorAll('button, .choice, .call, .exit, nav a, .tools a, .alarm .tel, footer a')]"
    seen = ".filter(one => one.checkVisibility()).map(one => [one.textContent, one.getBoundingClientRect().height])"
    assert page.evaluate(f"{small}{seen}.filter(([, height]) => height < 44)") == []


def test_paper_has_the_card_and_none_of_the_tools(window: Window, url: str) -> None:
    with window() as visit:
        page = visit.page
        page.goto(f"{url}/stelle/kub")
        page.emulate_media(media="print")
        expect(page.get_by_role("heading", name="Kontakt- und Beratungsverbund")).to_be_visible()
        for tool in (".top", "footer", ".tools", ".skip"):
            expect(page.locator(tool).first).to_be_hidden()


def test_only_scripts_offer_what_only_scripts_can_do(window: Window, url: str) -> None:
    for scripts in (True, False):
        with window(java_script_enabled=scripts) as visit:
            page = visit.page
            page.goto(f"{url}/?anliegen=schulangst&wer=parent")
            expect(page.locator(".read")).to_have_count(int(scripts))
            expect(page.locator(".print").first).to_be_visible(visible=scripts)
            assert page.locator(".share").first.get_attribute("href").startswith("mailto:?subject=Schulpsych")


def test_a_city_shows_the_door_in_a_frame_and_nobody_else_does(window: Window, knowledge: Knowledge) -> None:
    async def host(request: Request) -> Response:
        frame = request.query_params["frame"]
        return HTMLResponse(f'<link rel="icon" href="data:,"><iframe width="380" height="700" src="{frame}"></iframe>')

    with serving(Starlette(routes=[Route("/", host)])) as here, serving(Starlette(routes=[Route("/", host)])) as other:
        city = here.replace("127.0.0.1", "localhost")  # another site, not only another port
        app, answer = door(knowledge, settings=Web(embed_in=(city,)))
        with serving(app) as url:
            for scripts in (True, False):
                with window(java_script_enabled=scripts) as visit:
                    visit.page.goto(f"{city}/?frame={url}")
                    frame = visit.page.frame_locator("iframe")
                    frame.locator("#text").fill(FEAR)
                    with visit.page.expect_response(lambda response: response.request.method == "POST") as answered:
                        frame.locator(".send").click()
                    assert FEAR in answered.value.text()
                    if scripts:  # the browser refuses to store anything in a foreign frame
                        expect(frame.locator(".mine")).to_contain_text(FEAR)
            with window() as visit:
                visit.page.goto(f"{other}/?frame={url}")
                assert visit.page.frames[1].locator("#text").count() == 0
                assert "frame-ancestors" in visit.complaints.pop()
                visit.complaints.clear()
    assert [incoming.text for incoming in answer.asked] == [FEAR, FEAR]
