"""What went wrong with a request, as one of the channel's errors. nio returns errors; only connections raise."""

import asyncio
import socket
from typing import Any

import aiohttp
from aiohttp import ClientConnectorCertificateError, ClientConnectorDNSError, ClientError
from nio import ErrorResponse
from nio.exceptions import EncryptionError, GroupEncryptionError, ProtocolError
from peewee import PeeweeException

from bot.channels.port import ChannelError, GoneError, LaterError, RefusedError

LOST = (ClientError, asyncio.TimeoutError, OSError, ValueError)  # ValueError: an answer that is no UTF-8, no JSON
PROTOCOL = (ProtocolError, EncryptionError, GroupEncryptionError, PeeweeException)
GONE = frozenset({"M_FORBIDDEN", "M_NOT_FOUND", "M_GUEST_ACCESS_FORBIDDEN"})
REFUSED = frozenset({"M_TOO_LARGE", "M_BAD_JSON", "M_NOT_JSON", "M_INVALID_PARAM", "M_MISSING_PARAM"})
EXPIRED = frozenset({"M_UNKNOWN_TOKEN", "M_MISSING_TOKEN"})
NO_SUCH_NAME = frozenset({socket.EAI_NONAME, socket.EAI_NODATA})
SLOW = 60.0  # seconds until an account that may not write now is tried again


def status(answer: Any) -> int:
    """The HTTP status of nio's answer; 0 if there was none."""
    return int(getattr(getattr(answer, "transport_response", None), "status", 0) or 0)


def expired(answer: Any) -> bool:
    """Whether the access token is not known any more."""
    return isinstance(answer, ErrorResponse) and answer.status_code in EXPIRED


def of(answer: ErrorResponse) -> Exception:
    """The error of the port that says the same. What is not clearly final may be tried again."""
    code = answer.status_code
    if code in GONE:
        return GoneError()
    if code in REFUSED or status(answer) == 413:  # 413: from a proxy, without words of Matrix
        return RefusedError()
    if code == "M_LIMIT_EXCEEDED":
        return LaterError(pause(answer))
    if code in {"M_USER_DEACTIVATED", "M_USER_LOCKED", "M_RESOURCE_LIMIT_EXCEEDED", "M_CONSENT_NOT_GIVEN"}:
        return LaterError(SLOW)
    return LaterError()


def pause(answer: ErrorResponse) -> float | None:
    """The seconds to wait that the server named, at most a minute."""
    named = answer.retry_after_ms
    return min(named / 1000, SLOW) if isinstance(named, int) and named > 0 else None


def at_login(answer: ErrorResponse) -> Exception:
    """An answer to the first questions: who are we, may we come in?"""
    code = answer.status_code
    if code == "M_LIMIT_EXCEEDED" or status(answer) >= 500 or status(answer) == 429:
        return LaterError(pause(answer))
    if code in {"M_FORBIDDEN", "M_USER_DEACTIVATED", "M_INVALID_USERNAME", "M_UNKNOWN"}:
        return ChannelError(
            "matrix: the homeserver refuses the account; check SCHULLOTSE_MATRIX__USER and SCHULLOTSE_MATRIX__PASSWORD"
        )
    if code in EXPIRED:
        return ChannelError(
            "matrix: the homeserver does not know the access token (any more); "
            "create a new one and set SCHULLOTSE_MATRIX__ACCESS_TOKEN, or set SCHULLOTSE_MATRIX__PASSWORD"
        )
    return ChannelError("matrix: no Matrix homeserver answers there; check SCHULLOTSE_MATRIX__HOMESERVER")


def connecting(error: BaseException) -> Exception:
    """A first connection that failed: a wrong name or certificate is a mistake, all else may pass."""
    if isinstance(error, ClientConnectorDNSError) and error.os_error.errno in NO_SUCH_NAME:
        return ChannelError("matrix: this homeserver's name does not exist; check SCHULLOTSE_MATRIX__HOMESERVER")
    if isinstance(error, ClientConnectorCertificateError | aiohttp.ClientSSLError):
        return ChannelError("matrix: the homeserver's certificate is not valid; check SCHULLOTSE_MATRIX__HOMESERVER")
    return LaterError()
