"""nio's client, hardened: what one hostile event or one lost answer must not do to everybody else.

Each override names what nio 0.26 does without it.
"""

import logging
from collections.abc import Callable, Mapping
from copy import deepcopy
from dataclasses import replace
from typing import Any

from nio import AsyncClient, AsyncClientConfig, ErrorResponse, ShareGroupSessionResponse, SyncResponse
from nio.events import EncryptedToDeviceEvent, EphemeralEvent, Event, InviteEvent, ToDeviceEvent

from bot.channels.matrix.keys import FILE, Keys
from bot.channels.port import LaterError
from config import logs

REQUEST = 20.0  # seconds for one request; a long poll names its own


class Client(AsyncClient):  # type: ignore[misc] # nio has no types
    """A client of one device. *complete* says that a sync has brought every room."""

    def __init__(self, homeserver: str, user: str, *, device: str, folder: str, pickle_key: str) -> None:
        config = AsyncClientConfig(
            store=Keys,
            store_name=FILE,
            pickle_key=pickle_key,
            encryption_enabled=True,
            max_limit_exceeded=0,  # nio would sleep and repeat for ever; the caller decides
            max_timeouts=0,
            request_timeout=REQUEST,
        )
        super().__init__(homeserver, user, device_id=device, store_path=folder, config=config)
        self.complete = False
        self._unshared: set[str] = set()

    async def parse_body(self, transport_response: Any) -> dict[Any, Any]:
        """An object, whatever was answered; nio fails on a list."""
        body = await super().parse_body(transport_response)
        return body if isinstance(body, dict) else {}

    async def create_matrix_response(
        self, response_class: Any, transport_response: Any, data: Any = None, save_to: Any = None
    ) -> Any:
        """Events that nio cannot read are left out; it would refuse the whole answer, and the next one like it.

        The error page of a gateway is an error; nio takes it for the empty object that means "done", or stumbles.
        """
        if transport_response.status >= 400:
            answer: Any = ErrorResponse.from_dict(await self.parse_body(transport_response))
        else:
            answer = await self._parsed(response_class, transport_response, data, save_to)
        answer.transport_response = transport_response
        return answer

    async def _parsed(self, response_class: Any, transport_response: Any, data: Any, save_to: Any) -> Any:
        try:
            return await super().create_matrix_response(response_class, transport_response, data, save_to)
        except Exception as error:  # noqa: BLE001 - any error of a parser that is fed by strangers
            logs.event(logging.WARNING, "events_unreadable", channel="matrix", error=type(error).__name__)
            return response_class.from_dict(readable(await self.parse_body(transport_response)), *(data or ()))

    async def receive_response(self, response: Any) -> None:
        """What nio cannot take in is left out: asked again, the homeserver would only say it again."""
        try:
            await super().receive_response(response)
        except Exception as error:  # noqa: BLE001 - device keys, too, are made by strangers
            logs.event(logging.WARNING, "answer_unreadable", channel="matrix", error=type(error).__name__)

    async def _handle_invited_rooms(self, response: SyncResponse) -> None:
        """Invitations are read from the answer itself."""

    def _handle_joined_state(self, room_id: str, join_info: Any, encrypted_rooms: set[str]) -> None:
        """Every event of the state on its own; one that nio cannot take would cost the state of all rooms."""
        super()._handle_joined_state(room_id, replace(join_info, state=[]), encrypted_rooms)
        for event in join_info.state:
            _tried(super()._handle_joined_state, room_id, replace(join_info, state=[event]), encrypted_rooms)

    def _handle_timeline_event(self, event: Any, room_id: str, room: Any, encrypted_rooms: set[str]) -> Any:
        return _tried(super()._handle_timeline_event, event, room_id, room, encrypted_rooms)

    def _handle_decrypt_to_device(self, to_device_event: Any) -> Any:
        """Only keys are taken: nobody can verify this device, or ask it for keys."""
        if not isinstance(to_device_event, EncryptedToDeviceEvent):
            return None
        return _tried(super()._handle_decrypt_to_device, to_device_event)

    async def share_group_session(self, room_id: str, ignore_unverified_devices: bool = False) -> Any:
        """The key of the room reaches every device, or LaterError; nio would send what nobody can read."""
        self._unshared.discard(room_id)
        try:
            shared = await super().share_group_session(room_id, ignore_unverified_devices=ignore_unverified_devices)
        finally:
            waiting = self.sharing_session.pop(room_id, None)  # nio leaves it behind if claiming keys fails
            if waiting:
                waiting.set()
        if room_id in self._unshared:
            assert self.olm  # noqa: S101 - a key was shared just now
            self.olm.outbound_group_sessions.pop(room_id, None)
            raise LaterError
        return shared

    async def keys_claim(self, user_set: Any) -> Any:
        answer = await super().keys_claim(user_set)
        if isinstance(answer, ErrorResponse):
            raise LaterError
        return answer

    async def _send(self, response_class: Any, *args: Any, **kwargs: Any) -> Any:
        """nio ignores a key that was not taken."""
        room = kwargs.get("response_data", ("",))[0] if response_class is ShareGroupSessionResponse else ""
        try:
            answer = await super()._send(response_class, *args, **kwargs)
        except Exception:
            self._unshared |= {room} - {""}
            raise
        if isinstance(answer, ErrorResponse):
            self._unshared |= {room} - {""}
        return answer

    async def close(self) -> None:
        """Connections and the file of keys."""
        await super().close()
        if isinstance(self.store, Keys):
            self.store.close()


def readable(body: Mapping[str, Any]) -> dict[str, Any]:
    """A sync answer, or a page of messages, without the events that nio's parsers cannot read."""
    rooms = _object(body.get("rooms"))
    joined = {
        room: {
            **_object(known),
            **_parts(known, Event.parse_event, "state", "timeline"),
            **_parts(known, EphemeralEvent.parse_event, "ephemeral"),
        }
        for room, known in _object(rooms.get("join")).items()
    }
    invited = {
        room: _parts(known, InviteEvent.parse_event, "invite_state")
        for room, known in _object(rooms.get("invite")).items()
    }
    left = {
        room: {**_object(known), **_parts(known, Event.parse_event, "state", "timeline")}
        for room, known in _object(rooms.get("leave")).items()
    }
    cleaned = {**body, "rooms": {**rooms, "join": joined, "invite": invited, "leave": left}} if rooms else dict(body)
    if "chunk" in body:
        cleaned["chunk"] = _kept(body["chunk"], Event.parse_event)
    return {**cleaned, **_parts(body, ToDeviceEvent.parse_event, "to_device")}


def _parts(known: Any, parse: Callable[[Any], Any], *names: str) -> dict[str, Any]:
    """The named parts that are there, each with the events that *parse* can read."""
    there = _object(known)
    return {
        name: {**_object(there[name]), "events": _kept(_object(there[name]).get("events"), parse)}
        for name in names
        if name in there
    }


def _kept(events: Any, parse: Callable[[Any], Any]) -> list[Any]:
    return [event for event in (events if isinstance(events, list) else []) if _parses(event, parse)]


def _parses(event: Any, parse: Callable[[Any], Any]) -> bool:
    try:
        parse(deepcopy(event))  # some parsers take parts out
    except Exception:  # noqa: BLE001 - any error of a parser that is fed by strangers
        return False
    return True


def _object(value: Any) -> dict[str, Any]:
    return value if isinstance(value, dict) else {}


def _tried(handle: Callable[..., Any], *args: Any) -> Any:
    """What *handle* gives; None and a line in the log if it fails on what strangers wrote."""
    try:
        return handle(*args)
    except Exception as error:  # noqa: BLE001 - one event must not cost all others of the answer
        logs.event(logging.WARNING, "event_unreadable", channel="matrix", error=type(error).__name__)
        return None
