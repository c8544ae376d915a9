"""What every page shares: headers, who asks, which role is needed, and forms that only our own pages can send."""

import secrets
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass
from functools import wraps
from typing import TYPE_CHECKING
from urllib.parse import parse_qs

from starlette.concurrency import run_in_threadpool
from starlette.datastructures import MutableHeaders
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import RedirectResponse, Response
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from bot.review.access import Session
from bot.store.accounts import Account, Role

if TYPE_CHECKING:
    from bot.review.web.desk import Desk

MOST = 16_384  # bytes of a form; the longest has an address and three passwords
HEADERS = {
    "content-security-policy": (
        "default-src 'self'; script-src 'none'; object-src 'none'; base-uri 'none'; form-action 'self'; "
        "frame-ancestors 'none'"
    ),
    "x-frame-options": "DENY",
    "x-content-type-options": "nosniff",
    "referrer-policy": "same-origin",
    "cross-origin-opener-policy": "same-origin",
    "x-robots-tag": "noindex",
}


class SafeHeaders:
    """Adds the headers to every answer, errors included. Nothing is kept in a cache unless the answer says so."""

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        async def with_headers(message: Message) -> None:
            if message["type"] == "http.response.start":
                headers = MutableHeaders(scope=message)
                headers.update(HEADERS)
                headers.setdefault("cache-control", "no-store")
            await send(message)

        await self._app(scope, receive, with_headers)


@dataclass(frozen=True, slots=True)
class Visit:
    """A request of somebody who is logged in."""

    request: Request
    account: Account
    session: Session
    form: Mapping[str, str]

    @property
    def region(self) -> str:
        return str(self.request.path_params["region"])

    @property
    def role(self) -> Role | None:
        """The role in the region of this address."""
        return self.account.roles.get(str(self.request.path_params.get("region", "")))


Endpoint = Callable[[Request], Awaitable[Response]]


def cookie_name(desk: "Desk") -> str:
    return "__Secure-koordination" if desk.secure else "koordination"


def cookie(request: Request, desk: "Desk") -> str:
    return request.cookies.get(cookie_name(desk), "")


def set_cookie(response: Response, request: Request, desk: "Desk", value: str) -> None:
    """Until the browser is closed; no script can read it, no other site can make the browser send it."""
    path = root(request) or "/"
    response.set_cookie(cookie_name(desk), value, path=path, secure=desk.secure, httponly=True, samesite="strict")


def root(request: Request) -> str:
    """The path under which the application is mounted."""
    return str(request.scope.get("root_path", "")).rstrip("/")


def to(request: Request, path: str) -> RedirectResponse:
    return RedirectResponse(f"{root(request)}/{path}", 303)


def fresh_cookie() -> str:
    """For somebody who is not logged in: it binds a form to this browser, and nothing else."""
    return secrets.token_urlsafe(16)


def visitor(desk: "Desk", request: Request, form: Mapping[str, str] | None = None) -> Visit | None:
    """Who asks; None if nobody is logged in. Blocking."""
    session = desk.sessions.find(cookie(request, desk))
    account = desk.accounts.by_id(session.account) if session else None
    if session is None or account is None or account.generation != session.generation:
        return None
    return Visit(request, account, session, form or {})


def page(desk: "Desk", answer: Callable[[Visit], Response], needs: Role | None = None) -> Endpoint:
    """A page for those who are logged in; with *needs*, for those with this role in the region of the address."""

    @wraps(answer)
    async def endpoint(request: Request) -> Response:
        return await run_in_threadpool(_let_in, desk, request, answer, needs=needs)

    return endpoint


def action(desk: "Desk", answer: Callable[[Visit], Response], needs: Role | None = None) -> Endpoint:
    """A form of those who are logged in. Without the proof that our page sent it, nothing happens: 403."""

    @wraps(answer)
    async def endpoint(request: Request) -> Response:
        form = await read_form(request)
        return await run_in_threadpool(_let_in, desk, request, answer, needs=needs, form=form)

    return endpoint


def _let_in(
    desk: "Desk",
    request: Request,
    answer: Callable[[Visit], Response],
    *,
    needs: Role | None,
    form: Mapping[str, str] | None = None,
) -> Response:
    visit = visitor(desk, request, form)
    if visit is None:
        return to(request, "anmelden")
    if needs is not None and not (visit.role and visit.role.includes(needs) and visit.region in desk.regions):
        raise HTTPException(403)
    if form is not None and not proven(desk, request, form):
        raise HTTPException(403)
    return answer(visit)


def proven(desk: "Desk", request: Request, form: Mapping[str, str]) -> bool:
    return desk.forms.proves(form.get("token", ""), cookie(request, desk), request.url.path)


async def read_form(request: Request) -> dict[str, str]:
    """The fields of a form, each once. 413 if it is too long, 400 if it is none."""
    body = b""
    async for chunk in request.stream():
        body += chunk
        if len(body) > MOST:
            raise HTTPException(413)
    try:
        fields = parse_qs(body.decode("ascii"), keep_blank_values=True, max_num_fields=20, errors="strict")
    except ValueError:
        raise HTTPException(400) from None
    return {name: values[-1] for name, values in fields.items()}
