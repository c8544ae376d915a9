"""What happened in a room, as JSON of any shape, and what it means for us. Pure; nothing in an event can raise."""

from collections.abc import Iterable, Mapping
from typing import Any

from bot.channels.port import Incoming

NAME = "matrix"
UNREADABLE = "do/unreadable"
UNDECRYPTABLE = "do/undecryptable"
TYPED = frozenset({"m.text", "m.emote"})
MEDIA = frozenset({"m.image", "m.audio", "m.video", "m.file", "m.location"})
KEYCAP = "\ufe0f\u20e3"  # what makes the emoji 1️⃣ of the digit 1
TEN = "🔟"
LONGEST = 20_000  # characters of a message that are kept; an event has at most 65,536 bytes


def fields(value: object) -> Mapping[str, Any]:
    """*value* if it is an object of JSON, else an empty one."""
    return value if isinstance(value, dict) else {}


def text(value: object) -> str:
    """*value* if it is a string that can be written as UTF-8, else an empty one; half characters become "?"."""
    return value.encode("utf-8", "replace").decode("utf-8") if isinstance(value, str) else ""


def incoming(room: str, event: object, me: str) -> Incoming | None:
    """What a person wrote, chose or sent; None for our own, other bots' notices, redactions and changes of state.

    A reaction has its target as mark["target"]: whether it was ours, the caller must find out.
    """
    event = fields(event)
    sender, event_id, content = text(event.get("sender")), text(event.get("event_id")), fields(event.get("content"))
    if not sender or not event_id or sender == me or "state_key" in event:
        return None
    if event.get("type") == "m.reaction":
        return _reaction(room, sender, event_id, relation(content))
    mark = {"thread": thread} if (thread := _thread(content)) else {}
    if event.get("type") == "m.sticker":
        return Incoming(NAME, room, press=UNREADABLE, id=event_id, sender=sender, mark=mark)
    if event.get("type") != "m.room.message":
        return None
    written = typed(content)
    if written:
        return Incoming(NAME, room, text=written[:LONGEST], id=event_id, sender=sender, mark=mark)
    if _edited(content).get("msgtype") in MEDIA:
        return Incoming(NAME, room, press=UNREADABLE, id=event_id, sender=sender, mark=mark)
    return None


def undecryptable(room: str, event: object) -> Incoming:
    """A message that stays closed."""
    event = fields(event)
    mark = {"thread": thread} if (thread := _thread(fields(event.get("content")))) else {}
    event_id, sender = text(event.get("event_id")), text(event.get("sender"))
    return Incoming(NAME, room, press=UNDECRYPTABLE, id=event_id, sender=sender, mark=mark)


def typed(content: Mapping[str, Any]) -> str:
    """The words of a message: of an edit the new ones, of an answer without the quotation, of a picture its caption."""
    said = _edited(content)
    body, kind = text(said.get("body")), said.get("msgtype")
    if kind in MEDIA:
        name = text(said.get("filename"))
        return body if name and name != body and kind != "m.location" else ""
    if kind not in TYPED:
        return ""
    return without_quotation(body) if "m.in_reply_to" in relation(content) else body


def without_quotation(body: str) -> str:
    """The body of an answer without the lines it quotes; as it is if nothing else would be left."""
    lines = body.split("\n")
    first = next((number for number, line in enumerate(lines) if not line.startswith(">")), len(lines))
    rest = "\n".join(lines[first:]).strip("\n") if first else body
    return rest or body


def relation(content: Mapping[str, Any]) -> Mapping[str, Any]:
    return fields(content.get("m.relates_to"))


def digit(key: object) -> str:
    """The digits of 1️⃣ … 9️⃣, 🔟 or a plain number; "" for any other reaction."""
    plain = text(key).strip().rstrip(KEYCAP)
    if plain == TEN:
        return "10"
    return plain if plain.isascii() and plain.isdecimal() and len(plain) <= 2 else ""


def replacement(event: object) -> str:
    """The room that takes the place of this one, if *event* says so."""
    event = fields(event)
    if event.get("type") != "m.room.tombstone" or event.get("state_key") != "":
        return ""
    return text(fields(event.get("content")).get("replacement_room"))


def inviter(events: Iterable[object], me: str) -> str:
    """Who invites us into a room, of which *events* are known; "" if nobody does."""
    for event in map(fields, events):
        membership = fields(event.get("content")).get("membership")
        if (event.get("type"), event.get("state_key"), membership) == ("m.room.member", me, "invite"):
            return text(event.get("sender"))
    return ""


def invited(event: object, me: str) -> bool:
    """Whether *event* is an invitation of ours: nothing before it was meant for us."""
    return bool(inviter((event,), me))


def server(user: str) -> str:
    """ "@anna:example.org" → "example.org"; port included."""
    return user.partition(":")[2].lower()


def _reaction(room: str, sender: str, event_id: str, related: Mapping[str, Any]) -> Incoming | None:
    number, target = digit(related.get("key")), text(related.get("event_id"))
    if related.get("rel_type") != "m.annotation" or not number or not target:
        return None
    return Incoming(NAME, room, text=number, id=event_id, sender=sender, mark={"target": target})


def _edited(content: Mapping[str, Any]) -> Mapping[str, Any]:
    return fields(content.get("m.new_content")) if relation(content).get("rel_type") == "m.replace" else content


def _thread(content: Mapping[str, Any]) -> str:
    related = relation(content)
    return text(related.get("event_id")) if related.get("rel_type") == "m.thread" else ""
