"""Replies as Telegram messages: the parameters of one call of the Bot API each, in as few calls as it takes. Pure."""

import base64
from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import Any

from bot.buttons import LIMIT, PROOF
from bot.channels.port import Body
from bot.channels.telegram import cards
from bot.channels.telegram.styled import Styled, joined, split, styled
from handlers.dialogue import Button, Card, File, Reply
from knowledge.texts import Texts

SHORT = 17  # letters of a label that fit into half the width of a small telephone
SAVE = "contact/"  # value of a button: the card once more, for the address book

Row = list[dict[str, str]]
Signed = Callable[[str], str]


class Rendering:
    """Turns the replies of one turn into messages, in their order; the buttons are below the last one."""

    def __init__(self, texts: Mapping[str, Texts], *, protect: bool) -> None:
        self._texts = texts
        self._protect = protect
        self._crisis = tuple(form for each in texts.values() for form in (each.crisis.sie, each.crisis.du))

    def bodies(self, replies: Sequence[Reply], signed: Signed) -> tuple[Body, ...]:
        """*signed* gives the callback data of a button's value."""
        made: list[dict[str, Any]] = []
        waiting: list[Reply] = []  # replies that share one message
        for reply in replies:
            if waiting and self._private(waiting[0]) != self._private(reply):
                made += self._messages(waiting, signed)
                waiting = []
            contact = cards.contact(reply.card) if reply.save and reply.card else None
            waiting.append(Reply(reply.text) if contact else reply)
            if contact or reply.files:
                made += self._messages(waiting, signed)
                waiting = []
                made += [dict(contact)] if contact else []
                made += [_file(file) for file in reply.files]
        made += self._messages(waiting, signed)
        choices = next((reply.buttons for reply in reversed(replies) if reply.buttons), ())
        if made and choices:
            keyboard = made[-1].setdefault("reply_markup", {"inline_keyboard": []})["inline_keyboard"]
            keyboard += rows(choices, signed)
        return tuple(made)

    def _messages(self, replies: Sequence[Reply], signed: Signed) -> list[dict[str, Any]]:
        """One text of all *replies*, cut where it is too long; what a card offers is below the last piece."""
        parts = [part for reply in replies for part in _parts(reply)]
        protect = {"protect_content": True} if replies and self._private(replies[0]) else {}
        made: list[dict[str, Any]] = []
        for piece in split(joined(parts, "\n\n")):
            body = {"method": "sendMessage", "text": piece.text, "link_preview_options": {"is_disabled": True}}
            made.append({**body, **protect, **({"entities": piece.entities()} if piece.marks else {})})
        offers = [row for reply in replies if reply.card for row in self._offers(reply.card, signed)]
        if made and offers:
            made[-1]["reply_markup"] = {"inline_keyboard": offers}
        return made

    def _private(self, reply: Reply) -> bool:
        """Whether *reply* may not be forwarded. Contacts and help in danger always may: they are there to be shared."""
        return self._protect and not (reply.card or reply.files or reply.text.startswith(self._crisis))

    def _offers(self, card: Card, signed: Signed) -> Iterator[Row]:
        texts = self._texts[card.language]
        value = SAVE + card.actor
        if cards.dialled(card) and len(value.encode()) <= LIMIT - PROOF:
            yield [{"text": texts.save_contact_button.sie, "callback_data": signed(value)}]
        if url := cards.place(card):
            yield [{"text": texts.map_button.sie, "url": url}]


def rows(buttons: Sequence[Button], signed: Signed) -> list[Row]:
    """One button a row, or two short ones; answers and ways out do not share a row."""
    made: list[Row] = []
    room = False
    before: Button | None = None
    for button in buttons:
        shown = {"text": styled(button.label).text, "callback_data": signed(button.value)}
        beside = room and before is not None and before.minor == button.minor and len(button.label) <= SHORT
        if beside:
            made[-1].append(shown)
        else:
            made.append([shown])
        room, before = not beside and len(button.label) <= SHORT, button
    return made


def _parts(reply: Reply) -> Iterator[Styled]:
    yield styled(reply.text)
    if reply.card:
        yield cards.message(reply.card)


def _file(file: File) -> dict[str, Any]:
    kind = "photo" if file.media_type == "image/png" else "document"
    content = base64.b64encode(file.content).decode()
    return {"method": f"send{kind.capitalize()}", "file": {"as": kind, "name": file.name, "content": content}}
