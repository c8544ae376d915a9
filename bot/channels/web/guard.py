"""What every response carries and what no request gets past: headers, a limit of requests, a limit of bytes."""

import hmac
import secrets
from collections.abc import Callable, Sequence
from hashlib import sha256

from starlette.datastructures import Headers, MutableHeaders
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from config.settings import Web

WINDOW = 600.0  # seconds; then the counts are gone and addresses get other marks
REQUESTS = 1_200  # in a window from one address; a whole school often shares one
ADDRESSES = 50_000  # marks kept at a time, a few MB
BODY = 16 * 1024  # bytes of a form; a message has at most 2,000 characters
FORBIDDEN = ("camera", "microphone", "geolocation", "payment", "usb", "browsing-topics")


class Limit:
    """How many requests came from an address in this window. Addresses are kept as keyed marks, the key in memory."""

    def __init__(self, clock: Callable[[], float], most: int = REQUESTS) -> None:
        self._clock = clock
        self._most = most
        self._renew()

    def _renew(self) -> None:
        self._ends = self._clock() + WINDOW
        self._key = secrets.token_bytes(32)
        self._counts: dict[bytes, int] = {}

    def reached(self, address: str) -> bool:
        """Count one more request from *address*; whether that is too many."""
        if self._clock() >= self._ends:
            self._renew()
        mark = hmac.digest(self._key, address.encode("utf-8", "surrogatepass"), sha256)[:12]
        if mark not in self._counts and len(self._counts) >= ADDRESSES:
            return False  # a flood from everywhere is for the proxy to stop; nobody in need is turned away for it
        self._counts[mark] = self._counts.get(mark, 0) + 1
        return self._counts[mark] > self._most


class Guarded:
    """ASGI middleware: sets the headers of every response, our error pages among them."""

    def __init__(self, app: ASGIApp, settings: Web) -> None:
        self._app = app
        self._headers = tuple(headers(settings))

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        async def sending(message: Message) -> None:
            if message["type"] == "http.response.start":
                given = MutableHeaders(scope=message)
                for name, value in self._headers:
                    given.setdefault(name, value)
            await send(message)

        await self._app(scope, receive, sending)


def headers(settings: Web) -> Sequence[tuple[str, str]]:
    """For every response; a page may set its own Cache-Control."""
    inside = " ".join(settings.embed_in) or "'none'"
    policy = (
        "default-src 'self'; script-src 'self'; style-src 'self'; img-src 'self'; connect-src 'self'; "
        f"object-src 'none'; base-uri 'none'; form-action 'self'; frame-ancestors {inside}"
    )
    return (
        ("Content-Security-Policy", policy),
        *(() if settings.embed_in else (("X-Frame-Options", "DENY"),)),
        ("Cache-Control", "no-store"),
        ("Referrer-Policy", "no-referrer"),
        ("X-Content-Type-Options", "nosniff"),
        ("Permissions-Policy", ", ".join(f"{feature}=()" for feature in FORBIDDEN)),
        ("Cross-Origin-Opener-Policy", "same-origin"),
        ("Cross-Origin-Resource-Policy", "same-origin"),
    )


def address(request: Request, proxies: Sequence[str]) -> str:
    """Where the request comes from. Only our own proxies are believed when they say for whom they ask."""
    peer = request.client.host if request.client else ""
    if peer not in proxies:
        return peer
    return request.headers.get("x-forwarded-for", "").rpartition(",")[2].strip() or peer


def own(headers: Headers) -> bool:
    """Whether a form was sent by one of our pages, in a frame or not.

    A foreign page must not start a conversation under a token that it knows, and later read what was chosen. The
    Origin of our forms is "null" (Referrer-Policy), so it only counts where the browser does not say more.
    """
    if site := headers.get("sec-fetch-site"):
        return site in {"same-origin", "none"}
    origin = headers.get("origin", "null")
    return origin == "null" or origin.partition("://")[2] == headers.get("host")


async def body(request: Request) -> bytes:
    """The body of a form; 413 as soon as it is too large, whatever its length was said to be."""
    read = b""
    async for part in request.stream():
        read += part
        if len(read) > BODY:
            raise HTTPException(413)
    return read
