"""What Telegram delivers, read as JSON that nobody vouches for: a message, a group to leave, nothing, or nonsense.

The library's own types would refuse a whole batch for one odd update; and it would come again for ever.
"""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from bot.buttons import STALE, Buttons
from bot.channels.port import Incoming
from bot.channels.telegram.render import SAVE
from knowledge.base import Knowledge

KINDS = ("message", "edited_message", "callback_query", "my_chat_member")  # all that is asked for
CHANNEL = "telegram"
UNREADABLE = "do/unreadable"
TICK = "✓ "  # before the label of the chosen button
LOOKS = (SAVE, "k/")  # values that show a card; nothing is decided by them
LONGEST = 4096  # letters; no client sends more
SERVICE = frozenset(
    "boost_added chat_background_set chat_shared connected_website delete_chat_photo forum_topic_closed "
    "forum_topic_created forum_topic_edited forum_topic_reopened message_auto_delete_timer_changed passport_data "
    "pinned_message proximity_alert_triggered refunded_payment successful_payment users_shared "
    "web_app_data write_access_allowed".split()
)  # kinds of messages that nobody wrote
PRESENT = ("member", "administrator", "restricted")  # ChatMember.status of somebody who is in the chat
_COMMAND = re.compile(r"(/[a-z_]+)(?:@\w+)?(?:\s+(.*))?", re.IGNORECASE | re.DOTALL)
_BIGGEST = 2**63  # ids have at most 52 bits; Telegram Bot API, Chat


@dataclass(frozen=True, slots=True)
class Leave:
    """A group or channel in which the bot is. *language*: of the person who brought it there, or empty."""

    chat: str
    language: str


@dataclass(frozen=True, slots=True)
class Malformed:
    """An update that is not what Telegram promises."""


Read = Incoming | Leave | Malformed | None


class _OddError(Exception):
    pass


def number(update: object) -> int | None:
    """The update's id: what confirms it. None if it has none."""
    try:
        return _whole(_mapping(update), "update_id")
    except _OddError:
        return None


def read(update: object, knowledge: Knowledge, buttons: Buttons) -> Read:
    """The meaning of any JSON value; never raises. None: nothing to answer."""
    try:
        known = _mapping(update)
        identity = str(_whole(known, "update_id"))
        if "callback_query" in known:
            return _pressed(_mapping(known["callback_query"]), identity, buttons)
        if "my_chat_member" in known:
            return _membership(_mapping(known["my_chat_member"]))
        if "edited_message" in known:
            return _edited(_mapping(known["edited_message"]), identity, knowledge)
        return _written(_mapping(known["message"]), identity, knowledge) if "message" in known else None
    except _OddError:
        return Malformed()


def _written(message: Mapping[str, Any], identity: str, knowledge: Knowledge) -> Read:
    chat, person = _mapping(message.get("chat")), _mapping(message.get("from", {}))
    if not _private(chat):
        return Leave(str(_whole(chat, "id")), _language(person))
    if person.get("is_bot") is True or SERVICE & message.keys():
        return None
    text, press = _meaning(message, knowledge)
    return Incoming(
        CHANNEL,
        str(_whole(chat, "id")),
        text,
        press,
        id=identity,
        sender=str(_whole(person or chat, "id")),
        language=_language(person),
    )


def _edited(message: Mapping[str, Any], identity: str, knowledge: Knowledge) -> Read:
    """New words are a new message. A live location is edited every few seconds: not worth a word each time."""
    found = _written(message, identity, knowledge)
    return None if isinstance(found, Incoming) and found.press == UNREADABLE else found


def _meaning(message: Mapping[str, Any], knowledge: Knowledge) -> tuple[str | None, str | None]:
    """(text, None) or (None, press). Voice, pictures and the like are not looked at; the words below them are."""
    text = message.get("text", message.get("caption", ""))
    if not isinstance(text, str):
        raise _OddError
    text = _clean(text[:LONGEST])
    if not text.strip():
        return None, UNREADABLE
    command = _COMMAND.fullmatch(text.strip())
    if command is None:
        return text, None
    name, rest = command[1].lower(), (command[2] or "").strip()
    if name == "/start":
        return _begun(rest, knowledge)
    return f"{name} {rest}".strip(), None


def _begun(code: str, knowledge: Knowledge) -> tuple[str | None, str | None]:
    """/start with the code of a link: a concern, an office, or a plain beginning. What may be a cry is no code."""
    packs = [knowledge.pack(region, "de") for region in knowledge.regions]
    if any(code in pack.concerns for pack in packs):
        return None, f"c/{code}"
    if any(code in pack.actors for pack in packs):
        return None, f"k/{code}"
    if re.search(r"\s", code) or knowledge.gate.look(code) is not None:
        return code, None
    return None, "do/start"


def _pressed(query: Mapping[str, Any], identity: str, buttons: Buttons) -> Read:
    message, person = _mapping(query.get("message")), _mapping(query.get("from"))
    chat = _mapping(message.get("chat"))
    if not _private(chat):
        return Leave(str(_whole(chat, "id")), _language(person))
    data, where = query.get("data"), str(_whole(chat, "id"))
    if not isinstance(data, str) or not isinstance(query.get("id"), str):
        raise _OddError
    data = _clean(data)
    value = buttons.opened(where, data)
    mark = {"query": _clean(query["id"]), "message": _whole(message, "message_id")}
    keyboard = _keyboard(message.get("reply_markup"))
    kept = _chosen(keyboard, data if value != STALE else "", where, buttons)
    if keyboard and kept != keyboard and not value.startswith(LOOKS):
        mark["keyboard"] = kept
    sender = str(_whole(person, "id"))
    return Incoming(CHANNEL, where, press=value, id=identity, sender=sender, language=_language(person), mark=mark)


def _chosen(keyboard: list[list[dict[str, str]]], data: str, chat: str, buttons: Buttons) -> list[list[dict[str, str]]]:
    """The keyboard after a choice: what shows cards and maps stays, of the rest only the button with *data*."""
    kept = []
    for row in keyboard:
        for button in row:
            if button.get("callback_data") == data:
                label = button["text"]
                kept.append([{**button, "text": label if label.startswith(TICK) else TICK + label}])
            elif "url" in button or buttons.opened(chat, button["callback_data"]).startswith(LOOKS):
                kept.append([button])
    return kept


def _keyboard(markup: object) -> list[list[dict[str, str]]]:
    """The buttons of a message, only what we put there; empty if it is too old to be shown, or not ours."""
    rows = markup.get("inline_keyboard") if isinstance(markup, dict) else None
    found = []
    for row in rows if isinstance(rows, list) else ():
        read = [_button(button) for button in row] if isinstance(row, list) else [None]
        if None in read:
            return []
        found.append([button for button in read if button])
    return found


def _button(button: object) -> dict[str, str] | None:
    if not isinstance(button, dict):
        return None
    known = {key: _clean(button[key]) for key in ("text", "callback_data", "url") if isinstance(button.get(key), str)}
    return known if "text" in known and len(known) == 2 else None


def _membership(change: Mapping[str, Any]) -> Leave | None:
    """Leave a group that the bot was brought into. In a private chat: blocked or not, nothing to answer."""
    chat, status = _mapping(change.get("chat")), _mapping(change.get("new_chat_member")).get("status")
    if _private(chat) or status not in PRESENT:
        return None
    return Leave(str(_whole(chat, "id")), _language(_mapping(change.get("from", {}))))


def _private(chat: Mapping[str, Any]) -> bool:
    kind = chat.get("type")
    if kind not in ("private", "group", "supergroup", "channel"):
        raise _OddError
    return bool(kind == "private")


def _language(person: Mapping[str, Any]) -> str:
    code = person.get("language_code")
    return code[:2].lower() if isinstance(code, str) and re.match(r"[A-Za-z]{2}(-|$)", code) else ""


def _clean(text: str) -> str:
    """Half a letter, which JSON can hold, can neither be stored nor signed."""
    return text.encode("utf-8", "replace").decode()


def _mapping(value: object) -> Mapping[str, Any]:
    if not isinstance(value, dict):
        raise _OddError
    return value


def _whole(known: Mapping[str, Any], key: str) -> int:
    value = known.get(key)
    if not isinstance(value, int) or isinstance(value, bool) or abs(value) >= _BIGGEST:
        raise _OddError
    return value
