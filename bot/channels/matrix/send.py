"""Sending: encrypted where the room is, and every answer of the homeserver looked at."""

import asyncio
import io
from base64 import b64decode
from collections.abc import Mapping
from typing import Any

from nio import ErrorResponse

from bot.channels.matrix import failures
from bot.channels.matrix.client import Client
from bot.channels.port import GoneError, LaterError, Outgoing

ATTEMPT = 20.0  # seconds for one message, with sharing of keys
UPLOAD = 60.0  # seconds for a file
TYPE = "m.room.message"


async def send(client: Client, outgoing: Outgoing) -> None:
    """One attempt. LaterError, GoneError or RefusedError if it was not taken; ExpiredError if nobody is logged in."""
    try:
        async with asyncio.timeout(ATTEMPT + (UPLOAD if "file" in outgoing.body else 0)):
            if outgoing.chat not in client.rooms:
                await _absent(client, outgoing.chat)
            content = outgoing.body["content"]
            if "file" in outgoing.body:
                content = {**await _uploaded(client, outgoing.chat, outgoing.body["file"]), **content}
            await deliver(client, outgoing.chat, content, outgoing.id)
    except (*failures.LOST, *failures.PROTOCOL):
        raise LaterError from None


class ExpiredError(LaterError):
    """The access token is not known any more."""


async def deliver(client: Client, room: str, content: Mapping[str, Any], name: str) -> None:
    """Send to a room that we know. The same *name* makes the same message, however often it is sent."""
    if client.rooms[room].encrypted:
        if not client.rooms[room].members_synced:
            checked(await client.joined_members(room))
        if client.should_query_keys:
            answer = await client.keys_query()
            if failures.status(answer) != 200:  # else nio does not understand somebody's keys; others must not wait
                checked(answer)
    checked(await client.room_send(room, TYPE, dict(content), tx_id=name, ignore_unverified_devices=True))


def checked(answer: Any) -> Any:
    """*answer*, if it is not an error."""
    if failures.expired(answer):
        raise ExpiredError
    if isinstance(answer, ErrorResponse):
        raise failures.of(answer)
    return answer


async def _absent(client: Client, room: str) -> None:
    """Raises: a room that no sync has brought is either new to us, or not ours any more."""
    if client.complete:
        answer = await client.joined_members(room)
        if isinstance(answer, ErrorResponse) and isinstance(failures.of(answer), GoneError):
            raise GoneError
        checked(answer)
    raise LaterError


async def _uploaded(client: Client, room: str, file: Mapping[str, str]) -> dict[str, Any]:
    """The content of a message with *file*, which now rests in the homeserver's media store."""
    data, name, kind = b64decode(file["content"]), file["name"], file["media_type"]
    encrypted = client.rooms[room].encrypted
    answer, key = await client.upload(
        io.BytesIO(data),
        content_type=kind,
        filename=None if encrypted else name,
        encrypt=encrypted,
        filesize=len(data),
    )
    address = checked(answer).content_uri
    place = {"file": {"url": address, **key}} if key else {"url": address}
    shown = "m.image" if kind.startswith("image/") else "m.file"
    return {
        "msgtype": shown, "body": name, "filename": name, "info": {"mimetype": kind, "size": len(data)}, **place
    }  # fmt: skip
