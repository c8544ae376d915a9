"""The composition root: settings in, a working bot out. Everything is built here and passed on as arguments."""

import gc
import hashlib
import hmac
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path
from typing import TYPE_CHECKING, Any
from zoneinfo import ZoneInfo

import platformdirs

from bot.assistant import Assistant, sweep
from bot.keyring import Keyring, in_memory_folder
from bot.store import Store
from config.settings import Settings
from handlers import Conversation
from knowledge.base import Knowledge
from knowledge.load import load
from knowledge.model import Audience

if TYPE_CHECKING:
    from socket import socket

    from starlette.applications import Starlette

    from bot.channels.port import Channel
    from bot.pipeline import Works
    from bot.serve import Service

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
    return _keys("keys")


def _keys(name: str, **lifetime: Any) -> Keyring:
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
    raise UsageError(f"--{name} is '{value}', but must be one of: {', '.join(known)}")


def assistant(known: Knowledge, store: Store, start: Start) -> Assistant:
    """The assistant for *store*; conversations that have ended are deleted first."""
    keys = keyring()
    sweep(store, keys, now())
    return Assistant(known, keys, clock=now, start=conversation(known, start))


def purge(store: Store) -> int:
    """Delete what has ended; how many conversations that were."""
    return sweep(store, keyring(), now())


def service(settings: Settings, url: str) -> "Service":
    """Everything that is configured, wired but not yet running.

    Ports first, then the database: what is wrong is said within two seconds. ChannelError, StoreError, PackError.
    """
    from bot import ops, serve  # noqa: PLC0415 - the terminal needs none of this
    from bot.metrics import Metrics  # noqa: PLC0415
    from bot.pipeline import Works  # noqa: PLC0415
    from bot.post import DAY, KEPT, Post  # noqa: PLC0415
    from bot.store.writer import Writer  # noqa: PLC0415

    ops_socket = serve.bound("127.0.0.1", settings.ops.port, "SCHULLOTSE_OPS__PORT")
    web_socket = _web_socket(settings)
    store = open_store(url)
    known = knowledge(settings)
    keys = keyring()
    writer = Writer(store)
    buttons_only = {"telegram"} if settings.telegram.buttons_only else set()
    desk = Assistant(
        known, keys, clock=now, start=conversation(known, Start(settings.region)), buttons_only=buttons_only
    )
    works = Works(desk, writer, Post(_keys("post", every=DAY, kept=KEPT)), Metrics(), now)
    channels = tuple(_messengers(settings, known))
    sites = [serve.Site(ops.application(writer, works.metrics), ops_socket)]
    if web_socket:
        sites.append(serve.Site(_site(settings, known, works, channels), web_socket))
    return serve.Service(works, store, keys, channels, sites)


def _web_socket(settings: Settings) -> "socket | None":
    from bot import serve  # noqa: PLC0415

    if settings.web.port is None:
        if settings.telegram.token and settings.telegram.mode == "webhook":
            raise UsageError("telegram.mode is 'webhook', which needs the web server: set SCHULLOTSE_WEB__PORT")
        return None
    return serve.bound(settings.web.host, settings.web.port, "SCHULLOTSE_WEB__PORT")


def _messengers(settings: Settings, known: Knowledge) -> "Iterator[Channel]":
    secret = settings.secret.get_secret_value() if settings.secret else None
    if settings.telegram.token:
        from bot.buttons import Buttons  # noqa: PLC0415
        from bot.channels.telegram import TelegramChannel  # noqa: PLC0415

        yield TelegramChannel(settings.telegram, known, Buttons(_button_key(secret), known.version))
    if settings.matrix.homeserver:
        from bot.channels.matrix import MatrixChannel  # noqa: PLC0415

        yield MatrixChannel(settings.matrix, group=known.texts["de"].group.sie, secret=secret)


def _button_key(secret: str | None) -> bytes:
    """From the secret, so that buttons work on after the machine has started anew; else one that lives in memory."""
    if secret:
        return hmac.digest(secret.encode(), b"buttons", hashlib.sha256)
    return _keys("buttons", every=timedelta(days=36500), kept=1).present(now()).key


def _site(settings: Settings, known: Knowledge, works: "Works", channels: "Iterable[Channel]") -> "Starlette":
    """The web door, and what a messenger wants to be called at."""
    from bot.channels import web  # noqa: PLC0415
    from bot.pipeline import Desk  # noqa: PLC0415

    start = conversation(known, Start(settings.region))
    site = web.application(Desk(works).answer, lambda: known, settings.web, clock=now, start=start)
    for channel in channels:
        if route := getattr(channel, "route", lambda: None)():
            site.router.routes.insert(0, route)
    return site
