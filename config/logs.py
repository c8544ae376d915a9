"""Logging by allow-list: an event name and closed fields, one JSON line each; anything else is dropped."""

import logging
import sys
from collections.abc import MutableMapping
from typing import Any

FIELDS = frozenset(
    {"event", "level", "timestamp", "channel", "error", "component", "replies", "count", "code", "ms", "place"}
)  # place: file and line in a pack
NOISY = ("httpx", "httpcore", "telegram", "nio", "sqlalchemy", "alembic", "asyncio")  # httpx logs URLs with the token
OURS = logging.getLogger("schullotse")


def set_up(level: str = "WARNING") -> None:
    """Log our own events to standard error from *level* on; libraries only from WARNING on."""
    handler = logging.StreamHandler(sys.stderr)
    handler.setFormatter(_Bare())
    logging.basicConfig(level=logging.WARNING, handlers=[handler], force=True)
    for name in NOISY:
        logging.getLogger(name).setLevel(logging.WARNING)
    OURS.setLevel(level)


def event(level: int, name: str, **fields: Any) -> None:
    """Log the event *name* with those of *fields* that are on the list."""
    if not OURS.isEnabledFor(level):
        return
    import structlog  # noqa: PLC0415 - costs a tenth of a second, which a terminal without logging need not wait

    logger = structlog.wrap_logger(
        structlog.PrintLogger(sys.stderr),
        processors=[
            structlog.processors.TimeStamper(fmt="iso", utc=True),
            only_known,
            structlog.processors.JSONRenderer(sort_keys=True, ensure_ascii=False),
        ],
    )
    logger.msg(name, level=logging.getLevelName(level).lower(), **fields)


class _Bare(logging.Formatter):
    """Level, name and the kind of an exception: its words and a traceback may hold a token or what somebody wrote."""

    def format(self, record: logging.LogRecord) -> str:
        kind = record.exc_info[0] if record.exc_info else None
        return f"{record.levelname} {record.name}" + (f" {kind.__name__}" if kind else "")


def only_known(_: object, __: str, entry: MutableMapping[str, Any]) -> MutableMapping[str, Any]:
    """Drop every field that is not on the list."""
    return {key: value for key, value in entry.items() if key in FIELDS}
