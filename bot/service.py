"""The composition root of `schullotse serve`: every configured channel, wired but not yet running."""

import asyncio
import hashlib
import hmac
import socket
import subprocess
from collections.abc import Iterable, Iterator
from contextlib import ExitStack
from dataclasses import replace
from datetime import timedelta

from starlette.applications import Starlette

from bot import app, ops, prepare
from bot.app import Start, UsageError
from bot.assistant import Assistant
from bot.buttons import Buttons
from bot.channels.matrix import MatrixChannel
from bot.channels.port import Channel, ChannelError, LaterError
from bot.channels.telegram import TelegramChannel, webhook
from bot.desk import Desk
from bot.library import Library
from bot.metrics import Metrics
from bot.overview import Overview
from bot.pipeline import Special, Works
from bot.post import DAY, KEPT, Post
from bot.reload import Reload
from bot.review.accounts import PATH
from bot.serve import OPENING, Service, Site, bound
from bot.store import Store
from bot.store.writer import Writer
from config.settings import Settings
from knowledge.base import Knowledge
from knowledge.load import loaded_before

FOREVER = timedelta(days=36500)  # buttons have to work as long as the keys live


def service(settings: Settings, url: str) -> Service:
    """Ports first, then the database, then the rest: what is wrong is said within two seconds.

    ChannelError, UsageError, StoreError or PackError.
    """
    with ExitStack() as failing:
        ops_socket = failing.enter_context(bound("127.0.0.1", settings.ops.port, "SCHULLOTSE_OPS__PORT"))
        web_socket = _web_socket(settings)
        if web_socket:
            failing.enter_context(web_socket)
        store, known = app.open_store(url), _knowledge(settings)
        library = Library(known)
        overview = Overview(settings, url, lambda: library.present)
        wired = messengers(settings, store, library, special=overview.special)
        failing.pop_all()  # nothing failed: the sockets stay open
    sites = [Site(ops.application(wired.works.writer, wired.works.metrics), ops_socket)]
    if web_socket:
        sites.append(Site(_door(settings, wired, overview), web_socket))
    return replace(wired, sites=tuple(sites), hourly=(lambda: overview.close_periods(store),))


def _knowledge(settings: Settings) -> Knowledge:
    """All packs. A process of its own reads and fits what is new: that takes memory which Python would never return."""
    cache = app.cache_folder()
    if not loaded_before(settings.packs, cache):
        command = prepare.command(cache, settings.packs)
        subprocess.run(command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, check=False)  # noqa: S603 - ours
    return app.knowledge(settings)  # which says what is wrong, if the other one could not read a pack


def messengers(settings: Settings, store: Store, library: Library, *, special: Special = lambda _: None) -> Service:
    """The configured messengers, without any web server. *special*: see Works."""
    keys, known = app.keyring(), library.present
    known.gate.look("")  # read the rules of danger now; the first message must not wait for them
    buttons_only = {TelegramChannel.name} if settings.telegram.buttons_only else set()
    start = app.conversation(known, Start(settings.region))
    mind = Assistant(library, keys, clock=app.now, start=start, buttons_only=buttons_only)
    post = Post(app.keys_named("post", every=DAY, kept=KEPT))
    works = Works(mind, Writer(store), post, Metrics(), app.now, special)
    reload = Reload(library, settings.packs, app.cache_folder(), clock=app.now)
    return Service(works, store, keys, library, tuple(_channels(settings, library)), reload=reload)


def _channels(settings: Settings, library: Library) -> Iterator[Channel]:
    secret = settings.secret.get_secret_value() if settings.secret else None
    if settings.telegram.token:
        buttons = Buttons(_button_key(secret), library.versions)
        yield TelegramChannel(settings.telegram, lambda: library.present, buttons)
    if settings.matrix.homeserver:
        yield MatrixChannel(settings.matrix, group=library.present.texts["de"].group.sie, secret=secret)


def _button_key(secret: str | None) -> bytes:
    """From the secret, so that buttons work on after the machine has started anew; else one that lives in memory."""
    if secret:
        return hmac.digest(secret.encode(), b"buttons", hashlib.sha256)
    return app.keys_named("buttons", every=FOREVER, kept=1).present(app.now()).key


def _web_socket(settings: Settings) -> socket.socket | None:
    if settings.web.port is None:
        if settings.telegram.token and settings.telegram.mode == "webhook":
            raise UsageError("telegram.mode is 'webhook', which needs the web server: set SCHULLOTSE_WEB__PORT")
        return None
    if settings.telegram.webhook_url and webhook.path(settings.telegram) == "/":
        raise UsageError(
            "telegram.webhook_url has no path, but that is where the web door is; "
            "write one that nothing else has, such as https://schullotse.example.org/telegram"
        )
    return bound(settings.web.host, settings.web.port, "SCHULLOTSE_WEB__PORT")


def _door(settings: Settings, wired: Service, overview: Overview) -> Starlette:
    """The web door, the coordinators' pages, and what a messenger wants to be called at."""
    from bot.channels import web  # noqa: PLC0415 - not every bot has a web door

    start = app.conversation(wired.library.present, Start(settings.region))
    answer = Desk(wired.works).answer
    site = web.application(answer, lambda: wired.library.present, settings.web, clock=app.now, start=start)
    site.mount(PATH, overview.pages())
    _mount_webhooks(site, wired.channels)
    return site


def _mount_webhooks(site: Starlette, channels: Iterable[Channel]) -> None:
    for channel in channels:
        if isinstance(channel, TelegramChannel) and (route := channel.route()):
            site.router.routes.insert(0, route)


def credentials(settings: Settings, known: Knowledge) -> Iterator[tuple[str, str]]:
    """Each configured messenger, with what is wrong when we log in; "" if nothing is."""
    try:
        for channel in _channels(settings, Library(known)):
            yield channel.name, asyncio.run(_tried(channel))
    except ChannelError as error:
        yield "channel", str(error)


async def _tried(channel: Channel) -> str:
    try:
        async with asyncio.timeout(OPENING):
            await channel.open()
    except ChannelError as error:
        return str(error)
    except (LaterError, TimeoutError):
        return f"{channel.name}: nobody answers now, or another process is logged in"
    finally:
        await channel.close()
    return ""
