"""The other side: people who write, press and block, and groups into which somebody brings the bot."""

import asyncio
import itertools
from dataclasses import dataclass
from typing import Any

from tests.servers.telegram.world import BOT, Chat, Json, World

_ids = itertools.count(700_000_001)
MEDIA: dict[str, Any] = {
    "voice": {"file_id": "v", "file_unique_id": "u", "duration": 3},
    "photo": [{"file_id": "p", "file_unique_id": "u", "width": 1, "height": 1}],
    "document": {"file_id": "d", "file_unique_id": "u"},
    "sticker": {
        "file_id": "s", "file_unique_id": "u", "type": "regular", "width": 1, "height": 1, "is_animated": False,
        "is_video": False,
    },
    "contact": {"phone_number": "+490000", "first_name": "X"},
    "location": {"latitude": 51.5, "longitude": 7.4},
}  # fmt: skip


@dataclass(frozen=True, slots=True)
class Heard:
    """A message of the bot, as the person sees it."""

    id: int
    text: str
    labels: tuple[str, ...]
    links: tuple[str, ...]
    raw: Json

    @classmethod
    def of(cls, message: Json) -> "Heard":
        buttons = [button for row in rows(message) for button in row]
        links = [entity["url"] for entity in message.get("entities", ()) if "url" in entity]
        links += [button["url"] for button in buttons if "url" in button]
        labels = tuple(button["text"] for button in buttons)
        return cls(message["message_id"], message.get("text", ""), labels, tuple(links), message)


class Person:
    """Somebody with a private chat. What they do becomes an update at once; its id is returned."""

    def __init__(self, world: World, *, identity: int | None = None, language: str | None = "de") -> None:
        self.id = identity or next(_ids)
        self._world = world
        self.user = {"id": self.id, "is_bot": False, "first_name": "P"}
        if language:
            self.user["language_code"] = language
        self.chat = world.chats.setdefault(self.id, Chat(self.id, "private"))

    def says(self, text: str) -> int:
        return self.shares(text=text)

    def shares(self, kind: str = "", **content: Any) -> int:
        """A message of any kind: a voice message, a photo with a caption …"""
        self.chat.reachable = True  # who writes to a bot takes a block back
        media = {kind: MEDIA[kind]} if kind else {}
        return self._world.happens("message", self._world.message(self.chat, self.user, **media, **content))

    def edits(self, text: str) -> int:
        """The last message of their own, once more with other words."""
        own = [message for message in self.chat.messages.values() if message["from"] == self.user][-1]
        own.update(text=text, edit_date=own["date"])
        return self._world.happens("edited_message", dict(own))

    def presses(self, label: str) -> int:
        """The newest button whose label begins like this; LookupError if there is none."""
        for message in reversed(self.chat.messages.values()):
            for row in rows(message):
                for button in row:
                    if button["text"].startswith(label) and "callback_data" in button:
                        return self.presses_data(button["callback_data"], message)
        raise LookupError(f"no button '{label}'")

    def presses_data(self, data: str, message: Json | None = None) -> int:
        """Any callback data, as a hostile client may send it."""
        shown = message or self._world.message(self.chat, BOT, text="-")
        query = {"id": self._world.query(), "from": self.user, "chat_instance": "1", "message": shown, "data": data}
        return self._world.happens("callback_query", query)

    def blocks(self) -> int:
        self.chat.reachable = False
        return self._world.happens("my_chat_member", membership(self.chat, self.user, "member", "kicked"))

    async def hears(self, seconds: float = 10) -> Heard:
        """The bot's next message; TimeoutError if none comes."""
        return Heard.of(await asyncio.wait_for(self.chat.news.get(), seconds))

    def sees(self) -> list[Heard]:
        """All messages of the bot as they are now, old ones with what was edited."""
        return [Heard.of(message) for message in self.chat.messages.values() if message["from"] == BOT]


class Group:
    """A group chat with the bot in it."""

    def __init__(self, world: World, by: Person) -> None:
        self._world = world
        self.chat = Chat(-next(_ids), "group")
        world.chats[self.chat.id] = self.chat
        world.happens("my_chat_member", membership(self.chat, by.user, "left", "member"))

    def says(self, person: Person, text: str) -> int:
        return self._world.happens("message", self._world.message(self.chat, person.user, text=text))


def membership(chat: Chat, by: Json, before: str, after: str) -> Json:
    states = {
        "member": {"user": BOT, "status": "member"},
        "left": {"user": BOT, "status": "left"},
        "kicked": {"user": BOT, "status": "kicked", "until_date": 0},
    }
    return {
        "chat": chat.shown(), "from": by, "date": 1_700_000_000,
        "old_chat_member": states[before], "new_chat_member": states[after],
    }  # fmt: skip


def rows(message: Json) -> list[list[Json]]:
    return list(message.get("reply_markup", {}).get("inline_keyboard", []))
