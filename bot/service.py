"""The composition root of `schullotse serve`: every configured channel, wired but not yet running."""

import hashlib
import hmac
import socket
from collections.abc import Iterable, Iterator
from contextlib import ExitStack
from dataclasses import replace
from datetime import timedelta

from starlette.applications import Starlette

from bot import app, ops
from bot.app import Start, UsageError
from bot.assistant import Assistant
from bot.buttons import Buttons
from bot.channels import web
from bot.channels.matrix import MatrixChannel
from bot.channels.port import Channel
from bot.channels.telegram import TelegramChannel
from bot.desk import Desk
from bot.metrics import Metrics
from bot.overview import Overview
from bot.pipeline import Special, Works
from bot.post import DAY, KEPT, Post
from bot.review.accounts import PATH
from bot.serve import Service, Site, bound
from bot.store import Store
from bot.store.writer import Writer
from config.settings import Settings
from knowledge.base import Knowledge

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
        store, known = app.open_store(url), app.knowledge(settings)
        overview = Overview(settings, url, lambda: known)
        wired = messengers(settings, store, known, special=overview.special)
        failing.pop_all()  # nothing failed: the sockets stay open
    sites = [Site(ops.application(wired.works.writer, wired.works.metrics), ops_socket)]
    if web_socket:
        sites.append(Site(_door(settings, wired, overview), web_socket))
    return replace(wired, sites=tuple(sites), hourly=(lambda: overview.close_periods(store),))


def messengers(settings: Settings, store: Store, known: Knowledge, *, special: Special = lambda _: None) -> Service:
    """The configured messengers, without any web server. *special*: see Works."""
    keys = app.keyring()
    known.gate.look("")  # read the rules of danger now; the first message must not wait for them
    buttons_only = {TelegramChannel.name} if settings.telegram.buttons_only else set()
    start = app.conversation(known, Start(settings.region))
    mind = Assistant(known, keys, clock=app.now, start=start, buttons_only=buttons_only)
    post = Post(app.keys_named("post", every=DAY, kept=KEPT))
    works = Works(mind, Writer(store), post, Metrics(), app.now, special)
    return Service(works, store, keys, known, tuple(_channels(settings, known)))


def _channels(settings: Settings, known: Knowledge) -> Iterator[Channel]:
    secret = settings.secret.get_secret_value() if settings.secret else None
    if settings.telegram.token:
        yield TelegramChannel(settings.telegram, known, Buttons(_button_key(secret), known.version))
    if settings.matrix.homeserver:
        yield MatrixChannel(settings.matrix, group=known.texts["de"].group.sie, secret=secret)


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
    return bound(settings.web.host, settings.web.port, "SCHULLOTSE_WEB__PORT")


def _door(settings: Settings, wired: Service, overview: Overview) -> Starlette:
    """The web door, the coordinators' pages, and what a messenger wants to be called at."""
    start = app.conversation(wired.knowledge, Start(settings.region))
    answer = Desk(wired.works).answer
    site = web.application(answer, lambda: wired.knowledge, settings.web, clock=app.now, start=start)
    site.mount(PATH, overview.pages())
    _mount_webhooks(site, wired.channels)
    return site


def _mount_webhooks(site: Starlette, channels: Iterable[Channel]) -> None:
    for channel in channels:
        if isinstance(channel, TelegramChannel) and (route := channel.route()):
            site.router.routes.insert(0, route)
