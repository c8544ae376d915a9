"""The Bot API: the library's Bot, with Telegram's answers as they are, and its errors as the port knows them."""

import json
from collections.abc import Mapping
from datetime import timedelta
from typing import Any

from telegram import Bot
from telegram.error import BadRequest, ChatMigrated, Forbidden, RetryAfter, TelegramError
from telegram.request import HTTPXRequest

from bot.channels.port import GoneError, LaterError, RefusedError
from config.settings import Telegram

CONNECT = 5.0  # seconds
ANSWER = 15.0  # seconds; giving up earlier would send twice what Telegram was slow to confirm
GONE = ("chat not found", "user not found", "peer_id_invalid", "chat_id is empty", "group chat was deactivated")


class Request(HTTPXRequest):
    """The library's HTTP client, without the line it logs about an unreadable answer: that may show the token."""

    @staticmethod
    def parse_json_payload(payload: bytes) -> dict[str, Any]:
        """The answer of the Bot API; TelegramError if it is something else, such as a proxy's page."""
        try:
            answer = json.loads(payload)
        except (ValueError, RecursionError):
            answer = None
        if not isinstance(answer, dict):
            raise TelegramError("unreadable answer") from None
        return answer


class Api(Bot):
    """Calls give Telegram's own JSON: an odd field in an answer never looks like a message that was not sent."""

    def __init__(self, settings: Telegram, *, answer: float = ANSWER) -> None:
        token = settings.token.get_secret_value() if settings.token else ""
        self._answer = answer
        polls = Request(connection_pool_size=1, read_timeout=answer, connect_timeout=CONNECT)
        sends = Request(read_timeout=answer, write_timeout=answer, connect_timeout=CONNECT, pool_timeout=answer)
        self._clients = (polls, sends)
        super().__init__(
            token,
            base_url=settings.base_url,
            base_file_url=settings.base_file_url,
            request=sends,
            get_updates_request=polls,
        )

    def __repr__(self) -> str:
        return "Api()"

    async def call(self, method: str, parameters: Mapping[str, Any] | None = None, *, wait: float = 0) -> Any:
        """The result of *method*; TelegramError if there is none. *wait*: seconds that Telegram may hold it back."""
        try:
            return await self._post(method, dict(parameters or {}), read_timeout=self._answer + wait)
        except (LookupError, TypeError, ValueError, AttributeError):
            raise TelegramError("an answer that Telegram would not give") from None

    async def close_connections(self) -> None:
        for client in self._clients:
            await client.shutdown()


def gone(error: TelegramError) -> bool:
    """Whether nobody can be reached in this chat any more."""
    words = str(error).lower()
    return isinstance(error, Forbidden | ChatMigrated) or (
        isinstance(error, BadRequest) and any(reason in words for reason in GONE)
    )


def meaning(error: TelegramError) -> LaterError | GoneError | RefusedError:
    """*error* as the pipeline understands it. Its words stay behind: they may hold the token or the message."""
    if gone(error):
        return GoneError()
    return RefusedError() if isinstance(error, BadRequest) else LaterError(patience(error))


def patience(error: Exception) -> float | None:
    """The seconds that Telegram asks us to wait; None if it does not."""
    if not isinstance(error, RetryAfter):
        return None
    asked = error.retry_after
    seconds = asked.total_seconds() if isinstance(asked, timedelta) else asked
    return float(seconds) if isinstance(seconds, int | float) else None
