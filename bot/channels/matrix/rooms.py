"""Which rooms we are in: those of one person and us. Invitations, third persons, rooms that moved."""

import asyncio
import hashlib
import logging
from collections.abc import Mapping
from typing import Any

from nio import ErrorResponse, SyncResponse

from bot.channels.matrix import events, failures
from bot.channels.matrix.client import Client
from bot.channels.matrix.send import deliver
from bot.channels.port import Body, GoneError, LaterError, RefusedError
from config import logs

TRIES = 5  # attempts to follow one invitation, each after another sync
ANSWER = 15.0  # seconds for one request about a room
PAIR = 2  # members, invited ones included: one person and us


class Rooms:
    """Follows invitations of *allowed* servers (none named: of our own); leaves when somebody can read along."""

    def __init__(self, allowed: tuple[str, ...], me: str, group: Body) -> None:
        self._allowed = frozenset(name.lower() for name in allowed) or {events.server(me)}
        self._me = me
        self._group = group
        self._tries: dict[str, int] = {}
        self._refused: dict[str, int] = {}

    @property
    def waiting(self) -> bool:
        """Whether an invitation still has to be followed."""
        return bool(self._tries or self._refused)

    async def tidy(self, client: Client, answer: SyncResponse) -> None:
        """Join, leave and follow, as *answer* says. What fails is tried again after the next one."""
        self._note(client, answer)
        for room in tuple(self._tries):
            await self._join(client, room)
        for room in tuple(self._refused):
            self._refused[room] += 1
            if await _left(client, room) or self._refused[room] >= TRIES:
                del self._refused[room]
        for room in tuple(client.rooms):
            await self._check(client, room)

    def private(self, client: Client, room: str) -> bool:
        """Whether nobody but one person reads this room with us."""
        known = client.rooms.get(room)
        return known is not None and len(known.users) <= PAIR

    def _note(self, client: Client, answer: SyncResponse) -> None:
        for room, info in answer.rooms.invite.items():
            self._wish(room, events.inviter(map(_whole, info.invite_state), self._me))
        for room in answer.rooms.leave:
            client.rooms.pop(room, None)
            self._tries.pop(room, None)
        for info in answer.rooms.join.values():
            for source in map(_source, (*info.state, *info.timeline.events)):
                new = events.replacement(source)
                if new and new not in client.rooms:
                    self._wish(new, events.text(source.get("sender")))

    def _wish(self, room: str, by: str) -> None:
        if by and events.server(by) in self._allowed:
            self._tries.setdefault(room, 0)
        else:
            self._refused.setdefault(room, 0)

    async def _join(self, client: Client, room: str) -> None:
        """Into the room; after several failures, or a final one, the invitation is given up."""
        self._tries[room] += 1
        try:
            async with asyncio.timeout(ANSWER):
                answer = await client.join(room)
        except (*failures.LOST, *failures.PROTOCOL):
            answer = None
        final = isinstance(answer, ErrorResponse) and isinstance(failures.of(answer), GoneError)
        if isinstance(answer, ErrorResponse) or answer is None:
            logs.event(logging.WARNING, "invitation_not_followed", channel="matrix", count=self._tries[room])
            if not final and self._tries[room] < TRIES:
                return
        self._tries.pop(room, None)

    async def _check(self, client: Client, room: str) -> None:
        """Leave a room in which others read along, and one that everybody else has left."""
        members = client.rooms[room].users
        if len(members) > PAIR:
            logs.event(logging.INFO, "group_left", channel="matrix")
            await self._explain(client, room)
            await _left(client, room)
        elif len(members) == 1 and self._me in members:
            await _left(client, room)

    async def _explain(self, client: Client, room: str) -> None:
        """Once: the id of the message is made of the room."""
        name = hashlib.sha256(f"group {room}".encode("utf-8", "replace")).hexdigest()[:32]
        try:
            async with asyncio.timeout(ANSWER):
                await deliver(client, room, self._group["content"], name)
        except (LaterError, GoneError, RefusedError, *failures.LOST, *failures.PROTOCOL) as error:
            logs.event(logging.WARNING, "group_not_told", channel="matrix", error=type(error).__name__)


async def _left(client: Client, room: str) -> bool:
    """Whether we are out of the room, and it is forgotten."""
    try:
        async with asyncio.timeout(ANSWER):
            answer = await client.room_leave(room)
            if isinstance(answer, ErrorResponse) and not isinstance(failures.of(answer), GoneError):
                return False
            client.rooms.pop(room, None)
            await client.room_forget(room)
    except (*failures.LOST, *failures.PROTOCOL):
        return False
    return True


def _source(event: Any) -> Mapping[str, Any]:
    return events.fields(getattr(event, "source", None))


def _whole(event: Any) -> Mapping[str, Any]:
    """The event of an invitation; nio takes the content out of its source."""
    return {**_source(event), "content": getattr(event, "content", None)}
