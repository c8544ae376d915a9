"""What the pages work with: everything is handed over once, and every page is rendered here."""

import hashlib
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

from jinja2 import Environment, FileSystemLoader, StrictUndefined
from markupsafe import Markup
from starlette.requests import Request
from starlette.responses import HTMLResponse

from bot.review.access import Forms, Sessions, Tries
from bot.review.accounts import Doorkeeper
from bot.review.places import Places
from bot.review.release import Running
from bot.review.web import guard
from bot.review.web.guard import Visit
from bot.review.web.words import Words
from bot.review.words import Words as SharedWords
from bot.store.accounts import Accounts, Role
from bot.store.shelf import Shelf
from knowledge.model import Pack

HERE = Path(__file__).parent
STYLE = HERE / "static" / "review.css"
KEPT = 512  # rendered parts of pages; a region has about ten a release

Unreleased = Callable[[str], Running]
"""The weeks of a region that are over and not released."""


Peer = Callable[[Request], str]
"""The address of who asks."""


def direct_peer(request: Request) -> str:
    return request.client.host if request.client else ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Desk:
    """*regions* are the ids in order; *packs* gives the German pack of one. *public* is the address people use."""

    words: Words
    shared: SharedWords
    accounts: Accounts
    shelf: Shelf
    places: Places
    regions: tuple[str, ...]
    packs: Callable[[str], Pack]
    unreleased: Unreleased
    clock: Callable[[], datetime]
    public: str
    sessions: Sessions
    tries: Tries
    forms: Forms
    door: Doorkeeper
    peer: Peer
    templates: Environment
    style: str
    rendered: dict[object, tuple[Pack, str]] = field(default_factory=dict)

    @property
    def secure(self) -> bool:
        """Whether cookies travel over HTTPS only: always, but on one's own machine."""
        parts = urlsplit(self.public)
        return not (parts.scheme == "http" and parts.hostname in {"127.0.0.1", "localhost", "::1"})

    def show(self, request: Request, name: str, *, status: int = 200, **values: Any) -> HTMLResponse:
        """The page *name* for anybody. A browser that has no cookie yet gets one, for its form."""
        known = guard.cookie(request, self)
        cookie = known or guard.fresh_cookie()
        common = {"root": guard.root(request), "say": self.words, "style": self.style, "visit": None}
        token: Callable[[str], str] = lambda path: self.forms.token(cookie, f"{common['root']}/{path}")  # noqa: E731
        html = self.templates.get_template(name).render(common | {"token": token} | values)
        response = HTMLResponse(html, status)
        if not known:
            guard.set_cookie(response, request, self, cookie)
        return response

    def page(self, visit: Visit, name: str, *, status: int = 200, **values: Any) -> HTMLResponse:
        """The page *name* for somebody who is logged in."""
        region = str(visit.request.path_params.get("region", ""))
        known = {
            "visit": visit,
            "release": None,
            "periods": (),
            "region": region,
            "region_name": self.packs(region).name if region else "",
            "mine": [(mine, self.packs(mine).name) for mine in visit.account.roles if mine in self.regions],
            "editor": bool(visit.role and visit.role.includes(Role.EDITOR)),
            "admin": visit.role is Role.ADMIN,
        }
        return self.show(visit.request, name, status=status, **known | values)

    def once(self, key: object, pack: Pack, name: str, values: Callable[[], Mapping[str, Any]]) -> Markup:
        """The part *name* of a page, rendered once for its *key*: releases never change, and packs seldom do."""
        known = self.rendered.get(key)
        if known is None or known[0] is not pack:
            html = self.templates.get_template(name).render({"say": self.words, **values()})
            known = self.rendered[key] = (pack, html)
            while len(self.rendered) > KEPT:
                del self.rendered[next(iter(self.rendered))]
        return Markup(known[1])  # noqa: S704 - a template of ours made it, with escaping


def templates() -> Environment:
    return Environment(
        loader=FileSystemLoader(HERE / "templates"),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )


def style_version() -> str:
    """Part of the style sheet's address: a new one is never mistaken for an old one."""
    return hashlib.sha256(STYLE.read_bytes()).hexdigest()[:12]
