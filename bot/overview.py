"""The coordinators' side of a running bot: pages behind a login, statistics in a chat, periods that close."""

import logging
from collections.abc import Callable
from pathlib import Path

from starlette.applications import Starlette

from bot import app
from bot.channels.port import Incoming
from bot.review import accounts as accounting
from bot.review.closing import Rhythm
from bot.review.publish import open_weeks, release_due
from bot.review.tables import lists
from bot.store import Store
from bot.store.accounts import Accounts
from bot.store.database import engine
from bot.store.fence import fenced
from bot.store.releases import Releases
from bot.store.shelf import Shelf
from config import logs
from config.settings import Settings
from handlers import Reply
from knowledge.base import Knowledge
from knowledge.folders import SHIPPED
from knowledge.model import Pack

COMMAND = "/statistik"


class Overview:
    """What coordinators see of the database at *url*. The pages work on a connection that can read releases only."""

    def __init__(self, settings: Settings, url: str, known: Callable[[], Knowledge]) -> None:
        self._settings = settings
        self._known = known
        fence = fenced(settings.coordinators.database_url or url)
        self._shelf = Shelf(fence)
        self._accounts = Accounts(fence)
        self._releases = Releases(engine(url))

    def pages(self) -> Starlette:
        """The pages, to be mounted at accounts.PATH."""
        from bot.channels.web.guard import address  # noqa: PLC0415 - not every bot has pages
        from bot.review.web import application  # noqa: PLC0415

        return application(
            accounts=self._accounts,
            shelf=self._shelf,
            regions=self._known().regions,
            packs=self._pack,
            unreleased=lambda region: open_weeks(self._releases, region, app.now().date()),
            clock=app.now,
            public=accounting.address(self._settings.web),
            roots=(SHIPPED, *map(Path, self._settings.packs)),
            peer=lambda request: address(request, self._settings.web.proxies),
        )

    def special(self, incoming: Incoming) -> Callable[[], tuple[Reply, ...]] | None:
        """What makes the statistics for a coordinator who asks for them; for anybody else the word means nothing."""
        asked = (incoming.text or "").strip().lower() == COMMAND
        listed = getattr(self._settings.coordinators, incoming.channel, ())
        if not asked or not incoming.sender or incoming.sender not in listed:
            return None
        return self._statistics

    def _statistics(self) -> tuple[Reply, ...]:
        """The last release of each region, as text, picture and files: a tenth of a second each."""
        from bot.review.chat import statistics_reply  # noqa: PLC0415 - pictures and sheets take memory, seldom asked for
        from bot.review.web import words as page_words  # noqa: PLC0415
        from bot.review.web.names import Names  # noqa: PLC0415
        from bot.review.words import words  # noqa: PLC0415

        say, shared = page_words.load(), words({})
        regions = [self._settings.region] if self._settings.region else list(self._known().regions)
        return tuple(
            reply
            for region in regions
            for reply in statistics_reply(Names(say, shared, self._pack(region)), self._shelf.of(region).releases)
        )

    def close_periods(self, store: Store) -> None:
        """Release what is over; once, however many processes there are."""
        lease = store.lease("release")
        if lease is None:
            return
        try:
            packs = {region: lists(self._pack(region)) for region in self._known().regions}
            found = release_due(self._releases, packs, Rhythm(self._settings.review.period), app.now().date())
        finally:
            lease.release()
        if found.releases:
            logs.event(logging.INFO, "released", count=len(found.releases))
        if found.refused:
            logs.event(logging.ERROR, "release_refused", count=len(found.refused))

    def _pack(self, region: str) -> Pack:
        return self._known().pack(region, "de")
