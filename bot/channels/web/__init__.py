"""The web door: the same conversation as everywhere, in a browser, with or without JavaScript."""

import logging
from collections.abc import Callable
from datetime import datetime
from time import monotonic

from starlette.applications import Starlette
from starlette.exceptions import HTTPException
from starlette.middleware import Middleware
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from bot.channels.web import words
from bot.channels.web.again import Again
from bot.channels.web.guard import Guarded, Limit, headers
from bot.channels.web.pages import Pages
from bot.channels.web.site import Answer, Site, assets, helplines
from bot.channels.web.talk import Talk
from config import logs
from config.settings import Web
from handlers import Conversation
from knowledge.base import Knowledge

ERRORS = {404: "not_found", 413: "too_large", 429: "too_many", 500: "broken"}


def application(  # noqa: PLR0913 - all that a site needs is named here, once
    answer: Answer,
    knowledge: Callable[[], Knowledge],
    settings: Web,
    *,
    clock: Callable[[], datetime],
    start: Conversation | None = None,
    limit: Limit | None = None,
) -> Starlette:
    """The site, to be served by any ASGI server. *start* is the conversation of somebody who comes for the first time.

    Whatever fails, the page that says so carries 112 and the help numbers.
    """
    site = Site(
        knowledge=knowledge,
        settings=settings,
        start=start or Conversation(),
        clock=clock,
        words=words.read(),
        assets=assets(),
        limit=limit or Limit(monotonic),
    )
    failed = _Failures(site)
    return Starlette(
        routes=_routes(site, Talk(site, answer, Again(monotonic))),
        middleware=[Middleware(Guarded, settings=settings)],
        exception_handlers={HTTPException: failed.refused, Exception: failed.broken},
    )


def _routes(site: Site, talk: Talk) -> list[Route]:
    pages = Pages(site)
    limited = {
        "/": talk.first,
        "/stelle/{actor}.vcf": pages.contact,
        "/stelle/{actor}.ics": pages.hours,
        "/stelle/{actor}/aushang": pages.poster,
        "/stelle/{actor}": pages.actor,
        "/leitfaden/{flow}": pages.flow,
        "/impressum": pages.imprint,
        "/datenschutz": pages.privacy,
        "/sitemap.xml": pages.sitemap,
    }
    return [
        Route("/", site.limited(talk.say), methods=["POST"]),
        *(Route(path, site.limited(endpoint)) for path, endpoint in limited.items()),
        Route("/robots.txt", pages.robots),
        Route("/.well-known/security.txt", pages.security),
        Route("/static/{name}", pages.asset),
    ]


class _Failures:
    """Pages for what went wrong. They must not fail themselves, so they need nothing but the knowledge."""

    def __init__(self, site: Site) -> None:
        self._site = site

    async def refused(self, request: Request, error: Exception) -> Response:
        assert isinstance(error, HTTPException)  # noqa: S101 - the only kind this is registered for; narrows the type
        return self._page(request, error.status_code, error.headers)

    async def broken(self, request: Request, error: Exception) -> Response:
        logs.event(logging.ERROR, "failed", channel="web", error=type(error).__name__, component="web")
        response = self._page(request, 500)
        response.headers.update(dict(headers(self._site.settings)))  # this page is sent from outside the middleware
        return response

    def _page(self, request: Request, status: int, more: object = None) -> Response:
        scene = self._site.fresh(request)
        situation = self._site.situation(scene)
        lines = self._site.marked(situation.knowledge).lines(helplines(situation))
        if self._site.several:
            lines = lines[: len(situation.pack.crisis_lines)]  # nobody knows the city here
        name = ERRORS.get(status, "not_allowed")
        response = self._site.page(request, "error.html", scene, status=status, error=name, lines=lines)
        response.headers["X-Robots-Tag"] = "noindex"
        if isinstance(more, dict):
            response.headers.update(more)
        return response
