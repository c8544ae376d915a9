"""A real browser without a screen, and visits that watch over what every page promises."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import urlsplit

import pytest
from playwright.sync_api import Browser, Page, sync_playwright

ARGUMENTS = (
    "--headless --no-sandbox --disable-gpu --disable-quic --no-first-run --disable-background-networking "
    "--disable-component-update --disable-sync"
).split()
WAIT = 5_000  # milliseconds until a test gives up on what should have happened at once


@pytest.fixture(scope="package")
def chromium() -> Iterator[Browser]:
    """Gone before the next package begins: its event loop runs in this thread, where other tests need their own."""
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path="/usr/bin/chromium", args=ARGUMENTS)
        yield browser
        browser.close()


@dataclass
class Visit:
    """One window of somebody; *requests* and *complaints* are all that it asked for and complained of."""

    page: Page
    requests: list[str] = field(default_factory=list)
    complaints: list[str] = field(default_factory=list)

    def hosts(self) -> set[str]:
        return {urlsplit(url).netloc for url in self.requests}


@pytest.fixture
def window(chromium: Browser) -> Callable[..., Any]:
    """window(**options of a browser context): a visit; at its end no page complained and nothing was left behind."""

    @contextmanager
    def opened(*, width: int = 390, **options: Any) -> Iterator[Visit]:
        context = chromium.new_context(
            **{"locale": "de-DE", "viewport": {"width": width, "height": 844}, "service_workers": "block", **options}
        )
        context.set_default_timeout(WAIT)
        visit = Visit(context.new_page())
        visit.page.on("request", lambda request: visit.requests.append(request.url))
        visit.page.on("console", lambda message: visit.complaints.append(message.text))
        visit.page.on("pageerror", lambda error: visit.complaints.append(str(error)))
        try:
            yield visit
            assert visit.complaints == []
            assert context.cookies() == []
        finally:
            context.close()

    return opened
