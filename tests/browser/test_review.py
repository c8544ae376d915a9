"""The review pages in a real browser: accessible in light and dark, by keyboard, without scripts or foreign hosts."""

import socket
import threading
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
import uvicorn
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Browser, Page

from bot.review import accounts as accounting
from bot.store.accounts import Role
from knowledge.model import Pack
from tests.bot.review_web.desk import NOW, PASSWORD, PERIODS, ROOT, House, release

EMAIL = "chefin@dortmund.example"
REGION_PAGES = (
    "",
    "anliegen",
    "stellen",
    "leitfragen",
    "wirkung",
    "luecken",
    "aktualitaet",
    "korrekturen",
    "daten",
    "bericht",
    "zugaenge",
    "protokoll",
)
PAGES = ("konto", *(f"dortmund/{page}" for page in REGION_PAGES))
DOOR = ("anmelden", "einladung/abgelaufen")


@dataclass
class Served:
    """A running server and its house."""

    address: str
    house: House

    def url(self, page: str) -> str:
        return f"{self.address}{ROOT}/{page}"


@pytest.fixture(scope="module")
def served(pack: Pack, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Served]:
    house = House(f"sqlite:///{tmp_path_factory.mktemp('review') / 'schullotse.db'}", {"dortmund": pack})
    for number, period in enumerate((*PERIODS, "2025")):
        house.publish(release(pack, period, seed=number, synthetic=period == "2025"))
    house.person(EMAIL, {"dortmund": Role.ADMIN})
    house.accounts.grant("neu@dortmund.example", "dortmund", Role.VIEWER)
    listener = socket.socket(socket.AF_INET, socket.SOCK_STREAM, socket.IPPROTO_TCP)  # named, or answers wait 40 ms
    listener.bind(("127.0.0.1", 0))
    server = uvicorn.Server(uvicorn.Config(house.app(), log_level="critical", lifespan="off", ws="none"))
    thread = threading.Thread(target=server.run, kwargs={"sockets": [listener]})
    thread.start()
    yield Served(f"http://127.0.0.1:{listener.getsockname()[1]}", house)
    server.should_exit = True
    thread.join()
    listener.close()
    house.close()


@dataclass
class Visit:
    """A window, what it asked for, and what it complained of."""

    page: Page
    requests: list[str]
    complaints: list[str]


@pytest.fixture
def visit(chromium: Browser) -> Iterator[Callable[..., Visit]]:
    contexts = []

    def opened(**options: Any) -> Visit:
        context = chromium.new_context(locale="de-DE", **options)
        context.set_default_timeout(10_000)
        contexts.append(context)
        made = Visit(context.new_page(), [], [])
        made.page.on("request", lambda request: made.requests.append(request.url))
        made.page.on("console", lambda message: made.complaints.append(message.text))
        made.page.on("dialog", lambda dialog: made.complaints.append(dialog.message))
        made.page.on("pageerror", lambda error: made.complaints.append(str(error)))
        return made

    yield opened
    for context in contexts:
        context.close()


def enter(made: Visit, served: Served) -> Page:
    made.page.goto(served.url("anmelden"))
    made.page.fill("#email", EMAIL)
    made.page.fill("#password", PASSWORD)
    made.page.click("main button")
    return made.page


def violations(page: Page, **options: Any) -> list[tuple[str, list[str]]]:
    """What axe-core finds; the places, so that the report says where."""
    found = Axe().run(page, options={"resultTypes": ["violations"], **options}).response["violations"]
    return [(one["id"], [node["html"][:160] for node in one["nodes"][:3]]) for one in found]


def test_every_page_is_accessible_in_light_and_dark_and_stays_on_our_server(
    served: Served, visit: Callable[..., Visit]
) -> None:
    made = visit(viewport={"width": 1100, "height": 900}, bypass_csp=True)  # axe is a script
    page = made.page
    for name in (*DOOR, *PAGES):
        if name == PAGES[0]:
            enter(made, served)
        page.emulate_media(color_scheme="light")
        page.goto(served.url(name))
        page.eval_on_selector_all("details", "all => all.slice(0, 5).forEach(one => one.open = true)")
        assert violations(page) == [], name
        page.emulate_media(color_scheme="dark")  # only the colours are others
        assert violations(page, runOnly=["color-contrast"]) == [], name

    assert {url[: len(served.address)] for url in made.requests} == {served.address}


@pytest.mark.parametrize("width", [320, 1920])
def test_no_page_scrolls_sideways(served: Served, visit: Callable[..., Visit], width: int) -> None:
    made = visit(viewport={"width": width, "height": 800})
    page = enter(made, served)
    for name in (*DOOR, *PAGES, "dortmund/bericht?zeitraum=2025"):
        page.goto(served.url(name))
        page.eval_on_selector_all("details", "all => all.forEach(one => one.open = true)")

        assert page.evaluate("document.documentElement.scrollWidth") <= width, name


def test_the_pages_work_without_any_script(served: Served, visit: Callable[..., Visit]) -> None:
    page = enter(visit(java_script_enabled=False), served)
    page.select_option("#zeitraum", "2026-Q1")
    page.click("text=Anzeigen")

    assert page.url.endswith("?zeitraum=2026-Q1")
    assert page.inner_text(".where") == "Dortmund · 1. Quartal 2026"


def test_somebody_with_only_a_keyboard_gets_in_and_out(served: Served, visit: Callable[..., Visit]) -> None:
    page = visit().page
    page.goto(served.url("anmelden"))
    for _ in range(3):  # skip link, home, first field
        page.keyboard.press("Tab")
    page.keyboard.type(EMAIL)
    page.keyboard.press("Tab")
    page.keyboard.type(PASSWORD)
    with page.expect_navigation():
        page.keyboard.press("Enter")
    assert page.inner_text("h1") == "Überblick"
    page.keyboard.press("Tab")
    assert page.evaluate("document.activeElement.textContent") == "Zum Inhalt"
    page.keyboard.press("Enter")
    assert page.evaluate("document.activeElement.id") == "inhalt"
    page.focus("text=Abmelden")
    with page.expect_navigation():
        page.keyboard.press("Enter")

    assert page.inner_text("h1") == "Anmelden"


def test_an_invited_person_gets_in_and_nothing_complains(served: Served, visit: Callable[..., Visit]) -> None:
    made = visit()
    account = served.house.accounts.grant("gast@dortmund.example", "dortmund", Role.VIEWER)
    secret = accounting.invite(served.house.accounts, account, NOW.date())
    page = made.page
    page.goto(served.url(f"einladung/{secret}"))
    page.fill("#password", "grüne Tassen fliegen tief")
    page.fill("#again", "grüne Tassen fliegen tief")
    page.click("main button")
    page.fill("#email", "gast@dortmund.example")
    page.fill("#password", "grüne Tassen fliegen tief")
    page.click("main button")

    assert page.inner_text("h1") == "Überblick"
    assert made.complaints == []
    assert [cookie["httpOnly"] for cookie in page.context.cookies()] == [True]


def test_no_other_page_may_frame_ours(served: Served, visit: Callable[..., Visit], tmp_path: Path) -> None:
    made = visit()
    made.page.goto(served.url("anmelden"))
    outside = tmp_path / "outside.html"
    outside.write_text(f'<iframe src="{served.url("anmelden")}"></iframe>', "utf-8")
    made.page.goto(outside.as_uri())
    frame = made.page.frames[1]

    assert frame.locator("#email").count() == 0
    assert any("frame-ancestors" in complaint or "X-Frame-Options" in complaint for complaint in made.complaints)
