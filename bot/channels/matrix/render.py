"""Replies as Matrix messages: plain text with numbered options, and the same as HTML with links. Pure."""

import json
import re
from base64 import b64encode
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from html import escape
from typing import Any

from bot.channels.port import Body, Incoming
from bot.render import plain
from handlers.dialogue import Button, Card, CardLine, File, Reply

LIMIT = 40_000  # bytes of text and HTML together; encrypted, 47,000 still fit into an event of 65,536
PHONE = re.compile(
    r"(?<![\d.,:/-])(?<!§ )(?:\+49[\d /()-]{6,}\d|0\d{2,4}[\d /-]{4,}\d|116 ?\d{3}|11[02](?= –| an\b))(?!\d)"
)
TRIMMED = re.compile(r"[^\d+]")


def messages(incoming: Incoming, replies: Sequence[Reply]) -> tuple[Body, ...]:
    """All replies in one message if they fit, then the files; in the thread of *incoming* if it was in one."""
    related = _relation(incoming)
    last = max((number for number, reply in enumerate(replies) if reply.buttons), default=None)
    shown = [reply if number == last else replace(reply, buttons=()) for number, reply in enumerate(replies)]
    parts = [part for group in _grouped(shown) for part in _pieces(plain(group), _html(group))]
    texts = tuple({"content": {**_notice(text, html), **related}} for text, html in parts)
    files = tuple({"file": _file(file), "content": related} for reply in replies for file in reply.files)
    return (*texts, *files)


def notice(text: str) -> Body:
    """One sentence of our own."""
    return {"content": _notice(text, _lines(text))}


def _notice(text: str, html: str) -> dict[str, Any]:
    formatted = {"format": "org.matrix.custom.html", "formatted_body": html} if html else {}
    return {"msgtype": "m.notice", "body": text, **formatted, "m.mentions": {}}


def _relation(incoming: Incoming) -> Mapping[str, Any]:
    thread = incoming.mark.get("thread")
    if not thread:
        return {}
    reply = {"event_id": incoming.id}
    related = {"rel_type": "m.thread", "event_id": thread, "is_falling_back": True, "m.in_reply_to": reply}
    return {"m.relates_to": related}


def _file(file: File) -> Mapping[str, Any]:
    return {"name": file.name, "media_type": file.media_type, "content": b64encode(file.content).decode("ascii")}


def _grouped(replies: Sequence[Reply]) -> Iterator[tuple[Reply, ...]]:
    """As many replies in one message as fit. The options belong to the last reply, so they stay together with it."""
    group: tuple[Reply, ...] = ()
    for reply in replies:
        if group and _size(plain((*group, reply)), _html((*group, reply))) > LIMIT:
            yield group
            group = ()
        group = (*group, reply)
    if group:
        yield group


def _pieces(text: str, html: str) -> Iterator[tuple[str, str]]:
    """The message, or its text in pieces without HTML if one reply alone is too long."""
    if not text:
        return
    if _size(text, html) <= LIMIT:
        yield text, html
        return
    size = LIMIT // 6  # a character has at most six bytes in JSON
    for start in range(0, len(text), size):
        yield text[start : start + size], ""


def _size(text: str, html: str) -> int:
    """Bytes in JSON."""
    return len(json.dumps([text, html], ensure_ascii=False).encode("utf-8", "replace"))


def _html(replies: Sequence[Reply]) -> str:
    last = next((reply for reply in reversed(replies) if reply.buttons), None)
    parts = []
    for reply in replies:
        parts.append(f"<p>{_lines(reply.text)}</p>" if reply.text else "")
        parts.append(_card(reply.card) if reply.card else "")
        parts.append(_options(reply.buttons) if reply is last else "")
    return "".join(parts)


def _lines(text: str) -> str:
    """Text with its line breaks; phone numbers can be tapped."""
    return _linked(text).replace("\n", "<br>")


def _linked(text: str) -> str:
    parts, done = [], 0
    for found in PHONE.finditer(text):
        number = found.group()
        parts += [escape(text[done : found.start()]), _link(f"tel:{TRIMMED.sub('', number)}", number)]
        done = found.end()
    return "".join((*parts, escape(text[done:])))


def _link(address: str, shown: str) -> str:
    return f'<a href="{escape(address)}">{escape(shown)}</a>'


def _card(card: Card) -> str:
    return f"<p><strong>{escape(card.title)}</strong></p><ul>{''.join(map(_card_line, card.lines))}</ul>"


def _card_line(line: CardLine) -> str:
    label = f"<strong>{escape(line.label)}:</strong> " if line.label else ""
    hint = f" <em>({escape(line.hint)})</em>" if line.hint else ""
    return f"<li>{label}{_value(line)}{hint}</li>"


def _value(line: CardLine) -> str:
    """The value; an address of mail or web up to its first blank is a link."""
    shown, blank, rest = line.value.partition(" ")
    if line.kind == "email" and "@" in shown:
        return _link(f"mailto:{shown}", shown) + escape(blank + rest)
    if line.kind == "web" and "." in shown:
        address = shown if shown.startswith(("https://", "http://")) else f"https://{shown}"
        return _link(address, shown) + escape(blank + rest)
    if line.kind == "phone":
        return _phone(line.value)
    return _lines(line.value)


def _phone(value: str) -> str:
    """A phone number of a card: everything up to its note in brackets can be dialled, even if it is short."""
    number, bracket, rest = value.partition(" (")
    dialled = TRIMMED.sub("", number)
    return (_link(f"tel:{dialled}", number) if dialled else escape(number)) + escape(bracket + rest)


def _options(buttons: Sequence[Button]) -> str:
    return f"<ol>{''.join(f'<li>{escape(button.label)}</li>' for button in buttons)}</ol>"
