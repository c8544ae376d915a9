"""The webhook: Telegram delivers each update to us, and again until we say that it is kept."""

import hashlib
import hmac
import json
import logging
from collections.abc import Awaitable, Callable
from typing import Any
from urllib.parse import urlsplit

from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from bot.channels.telegram.updates import CHANNEL
from config import logs
from config.settings import Telegram

BODY = 1_000_000  # bytes; an update has a few thousand
HEADER = "X-Telegram-Bot-Api-Secret-Token"

Take = Callable[[list[Any]], Awaitable[None]]


def path(settings: Telegram) -> str:
    """Where Telegram delivers: the path of the public address."""
    return urlsplit(settings.webhook_url or "").path or "/"


def secret(settings: Telegram) -> str:
    """What proves that a delivery comes from Telegram: the configured secret, else one derived from the token, so that
    all processes know the same."""
    if settings.webhook_secret:
        return settings.webhook_secret.get_secret_value()
    token = settings.token.get_secret_value() if settings.token else ""
    return hmac.digest(token.encode(), b"webhook", hashlib.sha256).hex()


def route(settings: Telegram, taker: Callable[[], Take | None]) -> Route:
    """The route to mount. *taker* is what keeps updates, None while nobody does.

    200 only when an update is kept: or when it is no JSON, since it would never become any.
    """
    expected = secret(settings).encode()

    async def deliver(request: Request) -> Response:
        if not hmac.compare_digest(request.headers.get(HEADER, "").encode(), expected):
            return Response(status_code=403)
        body = await _limited(request)
        if body is None:
            return Response(status_code=413)
        take = taker()
        if take is None:
            return Response(status_code=503)
        try:
            await take([_json(body)])
        except Exception as error:  # noqa: BLE001 - the store is gone: Telegram keeps the update and comes again
            logs.event(logging.ERROR, "not_accepted", channel=CHANNEL, error=type(error).__name__)
            return Response(status_code=503)
        return Response()

    return Route(path(settings), deliver, methods=["POST"])


async def _limited(request: Request) -> bytes | None:
    body = bytearray()
    async for chunk in request.stream():
        body += chunk
        if len(body) > BODY:
            return None
    return bytes(body)


def _json(body: bytes) -> Any:
    try:
        return json.loads(body)
    except (ValueError, RecursionError):
        return None
