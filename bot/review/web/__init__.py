"""The pages on which coordinators read the released figures, see gaps, and look after facts. No script runs on them."""

import time
from collections.abc import Callable, Sequence
from datetime import datetime
from pathlib import Path

from starlette.applications import Starlette
from starlette.exceptions import HTTPException
from starlette.middleware import Middleware
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import BaseRoute, Route

from bot.review.access import Forms, Sessions, Tick, Tries
from bot.review.accounts import Doorkeeper, prepare
from bot.review.places import Places
from bot.review.web import words
from bot.review.web.desk import STYLE, Desk, Peer, Unreleased, direct_peer, style_version, templates
from bot.review.web.door import Door
from bot.review.web.guard import HEADERS, SafeHeaders, action, page
from bot.review.web.own import Own
from bot.review.web.pages import FIGURES, Pages
from bot.review.web.people import People
from bot.review.words import words as shared_words
from bot.store import StoreError
from bot.store.accounts import Accounts, Role
from bot.store.shelf import Shelf
from knowledge.folders import SHIPPED
from knowledge.model import Pack

FIGURE_PAGES = tuple(slug for slug in FIGURES if slug)


def application(  # noqa: PLR0913 - the composition root hands over everything by name
    *,
    accounts: Accounts,
    shelf: Shelf,
    regions: Sequence[str],
    packs: Callable[[str], Pack],
    unreleased: Unreleased,
    clock: Callable[[], datetime],
    public: str,
    roots: Sequence[Path] = (SHIPPED,),
    peer: Peer = direct_peer,
    tick: Tick = time.monotonic,
) -> Starlette:
    """The pages, to be mounted at the path that *public*, the address people use, ends with.

    *accounts* and *shelf* work on a fenced connection. *roots* are the folders the packs were read from.
    *peer* is the address of who asks: behind a reverse proxy the connection has another one.
    """
    prepare()
    desk = Desk(
        words=words.load(),
        shared=shared_words({}),
        accounts=accounts,
        shelf=shelf,
        places=Places(roots),
        regions=tuple(regions),
        packs=packs,
        unreleased=unreleased,
        clock=clock,
        public=public.rstrip("/"),
        sessions=Sessions(tick),
        tries=Tries(tick),
        forms=Forms(),
        door=Doorkeeper(accounts, clock),
        peer=peer,
        templates=templates(),
        style=style_version(),
    )
    middleware = [Middleware(SafeHeaders)]
    errors = {HTTPException: _problem(desk), StoreError: _unavailable(desk), Exception: _failed(desk)}
    return Starlette(routes=_routes(desk), middleware=middleware, exception_handlers=errors)


def _routes(desk: Desk) -> list[BaseRoute]:
    door, own, pages = Door(desk), Own(desk), Pages(desk)
    get, post = ["GET"], ["POST"]
    return [
        Route("/stil-{version}.css", _style, methods=get),
        Route("/anmelden", door.login_page, methods=get),
        Route("/anmelden", door.login, methods=post),
        Route("/einladung/{secret}", door.invitation_page, methods=get),
        Route("/einladung/{secret}", door.join, methods=post),
        Route("/abmelden", action(desk, door.logout), methods=post),
        Route("/abmelden-ueberall", action(desk, door.logout_everywhere), methods=post),
        Route("/konto", page(desk, own.page), methods=get),
        Route("/konto/passwort", action(desk, own.password), methods=post),
        Route("/konto/zweiter-faktor", action(desk, own.offer), methods=post),
        Route("/konto/zweiter-faktor/code", action(desk, own.confirm), methods=post),
        Route("/konto/ohne-zweiten-faktor", action(desk, own.without), methods=post),
        Route("/konto/loeschen", action(desk, own.delete), methods=post),
        Route("/", page(desk, pages.home), methods=get),
        Route("/{region}/", page(desk, pages.figures(""), Role.VIEWER), methods=get),
        *(
            Route(f"/{{region}}/{slug}", page(desk, pages.figures(slug), Role.VIEWER), methods=get)
            for slug in FIGURE_PAGES
        ),
        Route("/{region}/luecken", page(desk, pages.gaps, Role.VIEWER), methods=get),
        Route("/{region}/aktualitaet", page(desk, pages.freshness, Role.VIEWER), methods=get),
        Route("/{region}/daten", page(desk, pages.downloads, Role.VIEWER), methods=get),
        Route("/{region}/daten/{period}.{form}", page(desk, pages.download, Role.VIEWER), methods=get),
        Route("/{region}/korrekturen", page(desk, pages.corrections, Role.EDITOR), methods=get),
        *_administration(desk),
    ]


def _administration(desk: Desk) -> list[BaseRoute]:
    people = People(desk)
    get, post = ["GET"], ["POST"]
    return [
        Route("/{region}/zugaenge", page(desk, people.page, Role.ADMIN), methods=get),
        Route("/{region}/zugaenge/einladen", action(desk, people.invite, Role.ADMIN), methods=post),
        Route("/{region}/zugaenge/rolle", action(desk, people.change, Role.ADMIN), methods=post),
        Route("/{region}/zugaenge/entziehen", action(desk, people.remove, Role.ADMIN), methods=post),
        Route("/{region}/protokoll", page(desk, people.log, Role.ADMIN), methods=get),
    ]


async def _style(_: Request) -> Response:
    return Response(STYLE.read_bytes(), media_type="text/css", headers={"cache-control": "public, max-age=31536000"})


Handler = Callable[[Request, Exception], Response]


def _problem(desk: Desk) -> Handler:
    def show(request: Request, error: Exception) -> Response:
        status = error.status_code if isinstance(error, HTTPException) else 500
        return _error(desk, request, status)

    return show


def _unavailable(desk: Desk) -> Handler:
    return lambda request, _: _error(desk, request, 503)


def _failed(desk: Desk) -> Handler:
    return lambda request, _: _error(desk, request, 500)


def _error(desk: Desk, request: Request, status: int) -> Response:
    key = f"error_{status}" if f"error_{status}" in desk.words else "error_500"
    response = desk.show(request, "error.html", status=status, told=desk.words(key))
    response.headers.update(HEADERS)  # the outermost handler is not reached by the middleware
    response.headers["cache-control"] = "no-store"
    return response
