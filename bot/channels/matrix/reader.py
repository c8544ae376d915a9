"""What a sync answer brought: the messages of people, also those of a gap, and those whose keys come late."""

import asyncio
import logging
import time
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from typing import Any

from nio import ErrorResponse, MegolmEvent, MessageDirection, SyncResponse

from bot.buttons import STALE
from bot.channels.matrix import events
from bot.channels.matrix.client import Client
from bot.channels.matrix.failures import EXPIRED
from bot.channels.matrix.rooms import Rooms
from bot.channels.matrix.send import checked
from bot.channels.port import Incoming
from config import logs

PAGE = 100  # events in one page of a room's history
PAGES = 20  # 2,000 events of one room at most
GAP = 24 * 3600  # seconds; what is older was forgotten everywhere else, too
LATE = 10.0  # seconds to wait for the key of a message
REQUEST = 20.0  # seconds for one page


@dataclass(frozen=True, slots=True)
class Closed:
    """A message that waits for its key until *deadline*, on the monotonic clock."""

    room: str
    event: MegolmEvent
    deadline: float


class Reader:
    """Reads answers in their order. Remembers what is still closed, and our newest message of each room."""

    def __init__(self, me: str, rooms: Rooms) -> None:
        self._me = me
        self._rooms = rooms
        self._closed: dict[str, Closed] = {}
        self._newest: dict[str, str] = {}

    @property
    def waiting(self) -> bool:
        """Whether a message still waits for its key."""
        return bool(self._closed)

    def patience(self) -> float:
        """Seconds until the next closed message is given up."""
        return max(0.0, min(closed.deadline for closed in self._closed.values()) - time.monotonic())

    async def read(
        self, client: Client, answer: SyncResponse, since: str | None, known: frozenset[str], *, lost: bool
    ) -> list[Incoming]:
        """The messages of *answer*, in the order of each room. *known* are the rooms we were in before it.

        *since* is where it begins; without it the account is new to us and nothing old is answered. *lost*: it is
        unknown where we stopped, so only what we have not answered counts. LaterError or a lost connection: again.
        """
        found: list[Incoming] = []
        for room, info in answer.rooms.join.items():
            timeline = list(info.timeline.events)
            new = room not in known and any(events.invited(_source(event), self._me) for event in timeline)
            if info.timeline.limited and (since or lost) and not new:
                timeline = [*await self._gap(client, room, info.timeline.prev_batch, since), *timeline]
            if since is None and not lost:
                continue
            found += await self._room(client, room, self._meant(room, timeline, new=new, lost=lost))
        return [*self._late(client), *found]

    def _meant(self, room: str, timeline: Iterable[Any], *, new: bool, lost: bool) -> list[Any]:
        """The events that are for us: in a new room those after the invitation, if we lost our place the unanswered."""
        meant: list[Any] = []
        for event in timeline:
            source = _source(event)
            mine = source.get("sender") == self._me and "state_key" not in source
            if (new and events.invited(source, self._me)) or (lost and mine):
                meant.clear()
            if mine:
                self._newest[room] = events.text(source.get("event_id"))
            meant.append(event)
        return meant

    async def _room(self, client: Client, room: str, timeline: Iterable[Any]) -> list[Incoming]:
        if not self._rooms.private(client, room):
            return []
        found = []
        for event in timeline:
            source = _source(event)
            if isinstance(event, MegolmEvent):
                if event.sender != self._me and event.event_id not in self._closed:
                    self._closed[event.event_id] = Closed(room, event, time.monotonic() + LATE)
                continue
            said = events.incoming(room, source, self._me)
            if said and "target" in said.mark:
                said = await self._reaction(client, said)
            if said:
                found.append(said)
        return found

    async def _reaction(self, client: Client, said: Incoming) -> Incoming | None:
        """A number below our newest message is a typed number; below an older one it would mean something else now."""
        target = said.mark["target"]
        if target == self._newest.get(said.chat):
            return replace(said, mark={})
        async with asyncio.timeout(REQUEST):
            answer = await client.room_get_event(said.chat, target)
        if isinstance(answer, ErrorResponse) or _source(answer.event).get("sender") != self._me:
            return None
        return replace(said, text=None, press=STALE, mark={})

    def _late(self, client: Client) -> list[Incoming]:
        """Of the closed messages those that can be read now, and those that are given up."""
        found = []
        for event_id, closed in tuple(self._closed.items()):
            if not self._rooms.private(client, closed.room):
                del self._closed[event_id]
                continue
            try:
                event = client.decrypt_event(closed.event)
            except Exception:  # noqa: BLE001 - no key yet, or whatever strangers put in its place
                if time.monotonic() < closed.deadline:
                    continue
                logs.event(logging.WARNING, "undecryptable", channel="matrix")
                found.append(events.undecryptable(closed.room, closed.event.source))
            else:
                said = events.incoming(closed.room, _source(event), self._me)
                found += [said] if said else []
            del self._closed[event_id]
        return found

    async def _gap(self, client: Client, room: str, start: str | None, since: str | None) -> list[Any]:
        """The events between two syncs that the answer left out, oldest first; at most a day and PAGES pages."""
        missed: list[Any] = []
        oldest = (time.time() - GAP) * 1000
        for _ in range(PAGES):
            if not start:
                break
            async with asyncio.timeout(REQUEST):
                page = await client.room_messages(room, start, end=since, direction=MessageDirection.back, limit=PAGE)
            if isinstance(page, ErrorResponse) and page.status_code not in (None, "M_LIMIT_EXCEEDED", *EXPIRED):
                logs.event(logging.WARNING, "gap_not_filled", channel="matrix")  # asking again would stop all rooms
                break
            checked(page)
            missed += [event for event in page.chunk if getattr(event, "server_timestamp", oldest) >= oldest]
            old = len([event for event in page.chunk if getattr(event, "server_timestamp", oldest) < oldest])
            start = page.end if page.chunk and not old else None
        return missed[::-1]


def _source(event: Any) -> Mapping[str, Any]:
    return events.fields(getattr(event, "source", None))
