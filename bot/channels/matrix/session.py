"""Logging in: with a known session, an access token or a password; and again when the homeserver forgot us."""

import asyncio
import json
import logging
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from sqlite3 import DatabaseError
from typing import Any

from cryptography.exceptions import InvalidTag
from nio import ErrorResponse
from peewee import PeeweeException
from vodozemac import PickleException

from bot.channels.matrix import failures
from bot.channels.matrix.client import Client
from bot.channels.matrix.folder import Folder, Session
from bot.channels.matrix.keys import FILE
from bot.channels.port import ChannelError, LaterError
from config import logs
from config.settings import Matrix

LOGIN = 10.0  # seconds for all requests of a login
BUSY = 5.0  # seconds until a folder that another process holds is looked at again
LOST_KEYS = (
    "matrix: the encryption keys of this access token's device are lost; create a new access token, or set a password"
)
BROKEN_KEYS = (
    "matrix: the encryption keys in {path} are damaged or were made with another SCHULLOTSE_SECRET; put the former "
    "secret or a copy of the folder back, or delete the folder to begin as a new device"
)


class Connection:
    """One account: at any time at most one client, one device, one process."""

    def __init__(self, settings: Matrix, folder: Folder, secret: str | None) -> None:
        self._settings = settings
        self._homeserver = (settings.homeserver or "").rstrip("/")
        self._user = settings.user or ""
        self._folder = folder
        self._secret = secret
        self._client: Client | None = None
        self._renewing = asyncio.Lock()

    @property
    def client(self) -> Client:
        """LaterError before it is open, and while nobody is logged in."""
        if self._client is None or not self._client.access_token:
            raise LaterError
        return self._client

    async def open(self) -> None:
        """ChannelError if these credentials can never work, LaterError if nobody answers now."""
        if not self._folder.take():
            logs.event(logging.WARNING, "matrix_folder_busy", channel="matrix")
            raise LaterError(BUSY)
        try:
            await self.ready()
        except BaseException:
            self._folder.release()
            raise

    async def ready(self) -> Client:
        """The client, logged in; after a new login if the last one failed half way."""
        if self._client is None:
            async with self._renewing, _login():
                self._client = self._client or await self._entered()
        elif not self._client.access_token:
            await self.renew(self._client)
        return self.client

    async def renew(self, client: Client) -> bool:
        """Log in again after the homeserver forgot the token of *client*; False if somebody else just did.

        LaterError if that is not possible now; ChannelError if only a person can help.
        """
        async with self._renewing, _login():
            forgotten = await self._forgotten(client) if self._client is client else None
            if forgotten is None:
                return False
            logs.event(logging.WARNING, "matrix_logged_out", channel="matrix")
            if self._settings.password is None:
                raise failures.at_login(forgotten)
            if not forgotten.soft_logout or not await self._kept(client):
                self._client = None
                await client.close()
                self._client = await self._new_device()
            return True

    async def close(self) -> None:
        client, self._client = self._client, None
        if client:
            await client.close()
        self._folder.release()

    async def _forgotten(self, client: Client) -> ErrorResponse | None:
        """The answer that says so, if the token is really gone. nio empties it if the device may stay."""
        if not client.access_token:
            return ErrorResponse("", "M_UNKNOWN_TOKEN", soft_logout=True)
        answer = await client.whoami()
        if failures.expired(answer):
            return answer
        if isinstance(answer, ErrorResponse):
            raise failures.of(answer)
        return None

    async def _kept(self, client: Client) -> bool:
        """Log *client* in anew as the device it was. False if the homeserver has deleted that device with its keys."""
        device, key = str(client.device_id), _key(client)
        client.access_token = ""
        answer = await client.login(self._password(), device_name=self._settings.device_name)
        if isinstance(answer, ErrorResponse):
            raise failures.at_login(answer)
        if client.device_id == device and await self._known_key(client) == key:
            self._remember(client)
            return True
        return False

    async def _entered(self) -> Client:
        """A client that is logged in: by the session of last time, by token, by password."""
        token = self._settings.access_token.get_secret_value() if self._settings.access_token else None
        known = self._folder.session(self._homeserver, self._user)
        if known and (token in (None, known.token)) and (self._folder.path / FILE).is_file():
            if client := await self._restored(known):
                return client
        elif token and (client := await self._by_token(token)):
            return client
        return await self._new_device()

    async def _restored(self, known: Session) -> Client | None:
        """The device of last time; None if a new one is needed."""
        client = self._opened(known)
        try:
            answer = await client.whoami()
            if not isinstance(answer, ErrorResponse) and await self._known_key(client) in (None, _key(client)):
                return client
            if isinstance(answer, ErrorResponse) and not failures.expired(answer):
                raise failures.at_login(answer)
            if self._settings.password is None:
                raise failures.at_login(answer) if isinstance(answer, ErrorResponse) else ChannelError(LOST_KEYS)
            if isinstance(answer, ErrorResponse) and answer.soft_logout and await self._kept(client):
                return client
        except BaseException:
            await client.close()
            raise
        await client.close()
        return None

    async def _by_token(self, token: str) -> Client | None:
        """The device of a configured token. None if a password can make a new one instead."""
        probe = Client(self._homeserver, self._user, device="", folder="", pickle_key="")
        probe.access_token = token
        try:
            answer = await probe.whoami()
        finally:
            await probe.close()
        if isinstance(answer, ErrorResponse):
            if failures.expired(answer) and self._settings.password:
                return None
            raise failures.at_login(answer)
        if answer.user_id != self._user or not answer.device_id:
            raise ChannelError(
                "matrix: the access token belongs to another account or to no device; "
                "check SCHULLOTSE_MATRIX__USER and SCHULLOTSE_MATRIX__ACCESS_TOKEN"
            )
        client = self._opened(Session(self._homeserver, self._user, answer.device_id, token))
        try:
            if await self._known_key(client) not in (None, _key(client)):
                raise ChannelError(LOST_KEYS)
        except BaseException:
            await client.close()
            raise
        self._remember(client)
        return client

    async def _new_device(self) -> Client:
        probe = Client(self._homeserver, self._user, device="", folder="", pickle_key="")
        try:
            answer = await probe.login(self._password(), device_name=self._settings.device_name)
        finally:
            await probe.close()
        if isinstance(answer, ErrorResponse):
            raise failures.at_login(answer)
        self._folder.new_keys()
        client = self._opened(Session(self._homeserver, self._user, answer.device_id, answer.access_token))
        self._remember(client)
        return client

    def _opened(self, session: Session) -> Client:
        """A client with its keys. ChannelError if they cannot be read."""
        self._folder.keys_file()
        key, folder = self._folder.pickle_key(self._secret), str(self._folder.path)
        client = Client(session.homeserver, session.user, device=session.device, folder=folder, pickle_key=key)
        try:
            client.restore_login(session.user, session.device, session.token)
        except (PickleException, PeeweeException, DatabaseError, InvalidTag, ValueError):
            if client.store:
                client.store.database.close()
            raise ChannelError(BROKEN_KEYS.format(path=folder)) from None
        return client

    def _remember(self, client: Client) -> None:
        self._folder.remember(Session(self._homeserver, self._user, str(client.device_id), client.access_token))

    def _password(self) -> str:
        if self._settings.password is None:
            raise ChannelError(
                "matrix: neither password nor access token is set; "
                "set SCHULLOTSE_MATRIX__PASSWORD or SCHULLOTSE_MATRIX__ACCESS_TOKEN"
            )
        return self._settings.password.get_secret_value()

    async def _known_key(self, client: Client) -> str | None:
        """The signing key that the homeserver knows of our device; None if it knows none."""
        headers = {"Authorization": f"Bearer {client.access_token}"}
        body = json.dumps({"device_keys": {self._user: [client.device_id]}})
        answer = await client.send("POST", "/_matrix/client/v3/keys/query", body, headers)
        device: Any = await client.parse_body(answer)
        for name in ("device_keys", self._user, client.device_id, "keys", f"ed25519:{client.device_id}"):
            device = device.get(name) if isinstance(device, dict) else None
        return device if isinstance(device, str) else None


@asynccontextmanager
async def _login() -> AsyncIterator[None]:
    """In time, and with the port's errors."""
    try:
        async with asyncio.timeout(LOGIN):
            yield
    except failures.LOST as error:
        raise failures.connecting(error) from None


def _key(client: Client) -> str:
    """The signing key of the keys that we have."""
    return str(client.olm.account.identity_keys["ed25519"]) if client.olm else ""
