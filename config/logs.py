"""Logging by allow-list: an event name and closed fields, one line each; anything else is dropped, not redacted."""

import logging
import sys
from collections.abc import MutableMapping
from typing import Any

import structlog

FIELDS = frozenset({"event", "level", "timestamp", "channel", "error", "component", "replies", "count", "code", "ms"})
NOISY = ("httpx", "httpcore", "telegram", "nio", "sqlalchemy", "alembic", "asyncio")  # httpx logs URLs with the token


def only_known(_: object, __: str, entry: MutableMapping[str, Any]) -> MutableMapping[str, Any]:
    """Drop every field that is not on the list."""
    return {key: value for key, value in entry.items() if key in FIELDS}


def set_up(level: str = "WARNING") -> None:
    """Log to standard error from *level* on."""
    number = logging.getLevelNamesMapping()[level]
    logging.basicConfig(level=number, stream=sys.stderr, format="%(levelname)s %(name)s", force=True)
    for name in NOISY:
        logging.getLogger(name).setLevel(logging.WARNING)
    structlog.configure(
        processors=[
            structlog.processors.add_log_level,
            structlog.processors.TimeStamper(fmt="iso", utc=True),
            only_known,
            structlog.processors.JSONRenderer(sort_keys=True, ensure_ascii=False),
        ],
        wrapper_class=structlog.make_filtering_bound_logger(number),
        logger_factory=structlog.PrintLoggerFactory(sys.stderr),
        cache_logger_on_first_use=False,
    )
