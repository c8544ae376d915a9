"""The composition root: settings in, a working bot out. Everything is built here and passed on as arguments."""

import gc
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import platformdirs

from bot.assistant import Assistant, sweep
from bot.keyring import Keyring, in_memory_folder
from bot.library import Library
from bot.store import Store
from config.settings import Settings
from handlers import Conversation
from knowledge.base import Knowledge
from knowledge.load import load
from knowledge.model import Audience

NAME = "schullotse"
ZONE = ZoneInfo("Europe/Berlin")  # opening hours and weeks are local; all regions lie in this zone


class UsageError(Exception):
    """A setting or argument cannot be used; the message says what would be right."""


@dataclass(frozen=True, slots=True)
class Start:
    """What is known before the first message."""

    region: str | None = None
    audience: str | None = None
    language: str = "de"


def now() -> datetime:
    return datetime.now(ZONE)


def database_url(settings: Settings, override: str | None = None) -> str:
    """The database to use: argument, setting, or a file in the user's data folder."""
    if override or settings.database_url:
        return override or settings.database_url or ""
    return f"sqlite:///{platformdirs.user_data_path(NAME) / 'schullotse.db'}"


def knowledge(settings: Settings) -> Knowledge:
    """The knowledge of all packs; it stays to the end, so the garbage collector need not look at it ever again."""
    known = load(settings.packs, cache=cache_folder())
    gc.freeze()
    return known


def cache_folder() -> Path:
    return platformdirs.user_cache_path(NAME)


def keyring() -> Keyring:
    """The keys of conversations."""
    return keys_named("keys")


def keys_named(name: str, **lifetime: Any) -> Keyring:
    """A keyring of its own, in memory."""
    folder = in_memory_folder()
    return Keyring(folder / name if folder else None, **lifetime)


def open_store(url: str) -> Store:
    from bot.store.sql import SqlStore  # noqa: PLC0415 - SQLAlchemy is not needed for a question without a store

    return SqlStore(url)


def conversation(known: Knowledge, start: Start) -> Conversation:
    """A fresh conversation. UsageError names the nearest right value for a wrong one."""
    region = one_of("region", start.region, known.regions)
    audience = one_of("audience", start.audience, tuple(item.value for item in Audience))
    language = one_of("lang", start.language, known.languages)
    return Conversation(region=region, audience=Audience(audience) if audience else None, language=language or "de")


def one_of(name: str, value: str | None, known: tuple[str, ...]) -> str | None:
    if value is None or value in known:
        return value
    set_by = "--region or SCHULLOTSE_REGION" if name == "region" else f"--{name}"
    raise UsageError(f"{set_by} is '{value}', but must be one of: {', '.join(known)}")


def assistant(known: Knowledge, store: Store, start: Start) -> Assistant:
    """The assistant for *store*; conversations that have ended are deleted first."""
    keys = keyring()
    sweep(store, keys, now())
    return Assistant(Library(known), keys, clock=now, start=conversation(known, start))


def purge(store: Store) -> int:
    """Delete what has ended; how many conversations that were."""
    return sweep(store, keyring(), now())
