"""The Matrix channel: an own sync loop around nio's client, so that nothing is confirmed before it is durable."""

import asyncio
import logging
import random
import secrets
import time
from collections.abc import Awaitable, Callable, Mapping, Sequence
from typing import Any, TypeVar
from urllib.parse import urlsplit

import platformdirs
from nio import ErrorResponse, SyncResponse

from bot.channels.matrix import events, failures, render
from bot.channels.matrix.client import Client
from bot.channels.matrix.folder import Folder
from bot.channels.matrix.reader import Reader
from bot.channels.matrix.rooms import Rooms
from bot.channels.matrix.send import ExpiredError, send
from bot.channels.matrix.session import Connection
from bot.channels.port import Accept, Body, ChannelError, Incoming, LaterError, Outgoing
from config import logs
from config.settings import Matrix
from handlers.dialogue import Reply

T = TypeVar("T")

POLL = 30.0  # seconds that the homeserver waits for something new
GRACE = 15.0  # seconds more until a connection counts as dead
FIRST = 300.0  # seconds for the first answer, which brings every room
SHORTEST, LONGEST = 0.5, 30.0  # seconds between two attempts
HOPELESS = 60.0  # seconds between two attempts when only a person can help
QUICK = 0.1  # seconds; an answer without anything new that comes faster was no long poll
BESIDE = 10.0  # seconds for what may fail: read markers, typing
TYPING = 15_000  # milliseconds that "is writing" is shown
NOTHING = {"not_types": ["*"]}
FILTER: Mapping[str, Any] = {
    "presence": NOTHING,
    "account_data": NOTHING,
    "room": {"timeline": {"limit": 100}, "ephemeral": NOTHING, "account_data": NOTHING},
}
"""A large timeline, so that gaps are rare; neither presence nor who has read what."""


class Pauses:
    """Pauses that grow while something fails, with chance in them, so that many bots do not come back at once."""

    def __init__(self) -> None:
        self._next = SHORTEST

    def succeeded(self) -> None:
        self._next = SHORTEST

    async def wait(self, seconds: float | None = None) -> None:
        """At least *seconds*, if the other side named them."""
        pause, self._next = self._next, min(self._next * 2, LONGEST)
        await asyncio.sleep(max(pause * random.uniform(0.5, 1.0), seconds or 0.0))  # noqa: S311 - no secret


class MatrixChannel:
    """Implements bot.channels.port.Channel. *group* is what is said before leaving a room of several people."""

    name = events.NAME

    def __init__(self, settings: Matrix, *, group: str, secret: str | None = None) -> None:
        self._settings = settings
        self._me = settings.user or ""
        folder = settings.store or platformdirs.user_data_path("schullotse") / "matrix"
        self._connection = Connection(settings, Folder(folder), secret)
        self._rooms = Rooms(settings.allowed_servers, self._me, render.notice(group))
        self._reader = Reader(self._me, self._rooms)
        self._poll: asyncio.Task[Any] | None = None
        self._typing: set[str] = set()

    @property
    def device(self) -> str:
        """The id of our device; an operator sees it in the list of sessions."""
        return str(self._connection.client.device_id)

    async def open(self) -> None:
        """Within ten seconds; a wrong address, account, password, token or key store is a ChannelError."""
        if not _is_address(self._settings.homeserver or ""):
            raise ChannelError(
                "matrix: SCHULLOTSE_MATRIX__HOMESERVER must be an address, as https://matrix.example.org"
            )
        if not self._me.startswith("@") or ":" not in self._me:
            raise ChannelError("matrix: SCHULLOTSE_MATRIX__USER must be a full id, as @schullotse:example.org")
        await self._connection.open()

    async def receive(self, accept: Accept, cursor: str | None) -> None:
        """Until cancelled. The cursor given to *accept* lags behind while a message waits for its key or an invitation
        for its room, so that neither is lost if the process dies."""
        since, accepted, lost = cursor, cursor, False
        while True:
            try:
                known, answer = await self._until(lambda: self._sync(since))  # noqa: B023 - awaited here
            except LostPlaceError:
                logs.event(logging.WARNING, "sync_token_unknown", channel=self.name)
                since, lost = None, True
                continue
            found = await self._until(lambda: self._read(answer, since, known, lost=lost))  # noqa: B023 - awaited here
            waiting = self._reader.waiting or self._rooms.waiting
            reached = accepted if waiting else answer.next_batch
            if found or reached != accepted:
                await self._until(lambda: accept(found, cursor=reached))  # noqa: B023 - awaited here
            since, accepted, lost = answer.next_batch, reached, False
            await self._keep_keys()

    def render(self, incoming: Incoming, replies: Sequence[Reply]) -> tuple[Body, ...]:
        """Usually one message for all replies."""
        return render.messages(incoming, replies)

    async def acknowledge(self, incoming: Incoming) -> None:
        """The read marker; it may fail."""
        if incoming.id:
            await self._beside(lambda client: client.room_read_markers(incoming.chat, incoming.id, incoming.id))

    async def typing(self, chat: str) -> None:
        """Shown for 15 seconds, or until the next message is sent."""
        self._typing.add(chat)
        await self._beside(lambda client: client.room_typing(chat, typing_state=True, timeout=TYPING))

    async def send(self, outgoing: Outgoing) -> None:
        """The same id is shown once, also after a restart of bot or homeserver."""
        client = self._connection.client
        try:
            await send(client, outgoing)
        except ExpiredError:
            raise await self._logged_out(client) from None
        if outgoing.chat in self._typing:
            self._typing.discard(outgoing.chat)
            await self._beside(lambda client: client.room_typing(outgoing.chat, typing_state=False))

    async def close(self) -> None:
        """Connections, keys and the lock of the folder are given back."""
        await self._connection.close()

    async def _until(self, attempt: Callable[[], Awaitable[T]]) -> T:
        """What *attempt* gives, however often it has to be tried: the network and the database come back."""
        pauses = Pauses()
        while True:
            seconds = None
            try:
                return await attempt()
            except LostPlaceError:
                raise
            except LaterError as error:
                seconds = error.seconds
            except ChannelError:
                seconds = HOPELESS
                logs.event(logging.ERROR, "matrix_login_refused", channel=self.name)
            except Exception as error:  # noqa: BLE001 - whatever was answered, the loop lives
                logs.event(logging.WARNING, "matrix_failed", channel=self.name, error=type(error).__name__)
            await pauses.wait(seconds)

    async def _sync(self, since: str | None) -> tuple[frozenset[str], SyncResponse]:
        """The rooms so far, and one long poll, which ends early if another request finds that we are logged out."""
        client = await self._connection.ready()
        known = frozenset(client.rooms)
        began = time.monotonic()
        self._poll = asyncio.create_task(self._polled(client, since))
        try:
            await asyncio.wait({self._poll})
        finally:
            self._poll.cancel()
        if self._poll.cancelled():
            raise LaterError
        answer = self._poll.result()
        if failures.expired(answer):
            raise await self._logged_out(client)
        if isinstance(answer, ErrorResponse):
            if since and failures.status(answer) == 400 and answer.status_code:
                raise LostPlaceError
            raise failures.of(answer) if answer.status_code == "M_LIMIT_EXCEEDED" else LaterError
        if answer.next_batch == since and time.monotonic() - began < QUICK and not self._reader.waiting:
            await asyncio.sleep(SHORTEST)
        client.complete = True
        return known, answer

    async def _polled(self, client: Client, since: str | None) -> Any:
        first = since is None or not client.complete
        patience = min(POLL, self._reader.patience()) if self._reader.waiting else POLL
        async with asyncio.timeout(FIRST if first else POLL + GRACE):
            client.next_batch = ""  # nio would ignore an answer that leads where it already is
            return await client.sync(
                timeout=0 if first else max(1, int(patience * 1000)),
                sync_filter=FILTER if since else _unlike_any(FILTER),
                since=since,
                full_state=first,
            )

    async def _read(
        self, answer: SyncResponse, since: str | None, known: frozenset[str], *, lost: bool
    ) -> list[Incoming]:
        client = self._connection.client
        await self._rooms.tidy(client, answer)
        return await self._reader.read(client, answer, since, known, lost=lost)

    async def _logged_out(self, client: Client) -> LaterError:
        """Log in anew; a poll with the old token ends. When to try again."""
        try:
            if await self._connection.renew(client) and self._poll:
                self._poll.cancel()
        except LaterError as error:
            return error
        except ChannelError:
            logs.event(logging.ERROR, "matrix_login_refused", channel=self.name)
            return LaterError(HOPELESS)
        return LaterError()

    async def _keep_keys(self) -> None:
        """What other devices need of us, and we of them, so that messages can be read; it may wait."""

        async def kept(client: Client) -> None:
            await client.send_to_device_messages()
            if client.should_upload_keys:
                await client.keys_upload()
            if client.should_query_keys:
                await client.keys_query()
            if client.should_claim_keys:
                await client.keys_claim(client.get_users_for_key_claiming())

        await self._beside(kept)

    async def _beside(self, request: Callable[[Client], Awaitable[Any]]) -> None:
        """A request whose failure nobody would miss."""
        try:
            async with asyncio.timeout(BESIDE):
                await request(self._connection.client)
        except Exception as error:  # noqa: BLE001 - whatever was answered, the channel lives
            logs.event(logging.DEBUG, "matrix_beside_failed", channel=self.name, error=type(error).__name__)


class LostPlaceError(Exception):
    """The homeserver does not know the place in its stream from which we want to go on."""


def _is_address(address: str) -> bool:
    try:
        parts = urlsplit(address)
        return parts.scheme in {"https", "http"} and bool(parts.hostname) and parts.port != 0
    except ValueError:  # a port that is no number
        return False


def _unlike_any(sync_filter: Mapping[str, Any]) -> dict[str, Any]:
    """A filter that says the same in other words: Synapse answers the same request from a cache for two minutes, and
    the beginning of its stream is not where that was."""
    room: dict[str, Any] = sync_filter["room"]
    timeline = {**room["timeline"], "not_senders": [f"@{secrets.token_hex(8)}:localhost"]}
    return {**sync_filter, "room": {**room, "timeline": timeline}}
