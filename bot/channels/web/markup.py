"""Replies as values for the templates: links on numbers and addresses, the help numbers apart, cards in rows."""

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from urllib.parse import quote

from markupsafe import Markup, escape

from bot.exchange.vcard import dialled
from bot.render import card_lines
from handlers.dialogue import Button, Card, CardLine, Reply
from knowledge.base import Knowledge
from knowledge.texts import Texts

_ISOLATES = dict.fromkeys(map(ord, "\u2066\u2069\u200e"))  # in their place the page has <bdi>


Line = tuple[Markup, Markup]  # a help number and whose it is


@dataclass(frozen=True, slots=True)
class Row:
    """One line of a card. *call* is the number to dial, *values* is everything to read."""

    kind: str
    label: str
    value: Markup
    hint: str
    number: str = ""
    call: str = ""
    rest: str = ""


@dataclass(frozen=True, slots=True)
class Shown:
    """One reply: paragraphs, or an alarm whose *lines* are help numbers, and perhaps a card."""

    paragraphs: tuple[Markup, ...] = ()
    lines: tuple[Line, ...] = ()
    card: Card | None = None
    rows: tuple[Row, ...] = ()
    mail: str = ""
    closing: tuple[Markup, ...] = ()


@dataclass(frozen=True, slots=True)
class Answered:
    """One turn on a page: the user's words if there are any, the replies, and the buttons of the last that has any."""

    mine: str
    replies: tuple[Shown, ...]
    buttons: tuple[Button, ...]


class Marked:
    """Makes text into markup. Only phone numbers of the directory become links, so that no date is ever dialled."""

    def __init__(self, knowledge: Knowledge) -> None:
        self.version = knowledge.version
        self._texts = knowledge.texts
        self._said = {code: _said(texts) for code, texts in knowledge.texts.items()}
        phones = {
            fact.value
            for pack in knowledge.packs.values()
            for actor in pack.actors.values()
            for fact in actor.of_kind("phone")
        }
        numbers = "|".join(re.escape(phone) for phone in sorted(phones, key=len, reverse=True))
        self._number = re.compile(rf"(?<!\w)(?:{numbers})(?!\w)")
        self._linked = re.compile(
            r"(?P<web>(?:https?://|www\.)[^\s()<>„“\"]*[^\s()<>„“\".,;:])"
            r"|(?P<mail>[\w.+-]+@[\w-]+(?:\.[\w-]+)+)"
            rf"|[\u2066\u200e]?(?P<phone>(?<![\w/.-])(?:{numbers})(?![\w/]))[\u2069\u200e]?"
        )

    def answered(self, replies: Sequence[Reply], mine: str = "") -> Answered:
        last = next((reply for reply in reversed(replies) if reply.buttons), Reply())
        return Answered(mine, tuple(map(self.shown, replies)), last.buttons)

    def spoken(self, replies: Sequence[Reply], before: str) -> str:
        """The language in which *replies* speak: that of most of their words; *before* if it is as good as any other.

        Somebody who writes Turkish is answered in Turkish without having pressed a button for it.
        """
        heard = {button.label for reply in replies for button in reply.buttons}
        heard |= {line for reply in replies for line in reply.text.splitlines()}
        order = (before, *(code for code in self._said if code != before))
        return max(order, key=lambda code: len(heard & self._said[code]))

    def shown(self, reply: Reply) -> Shown:
        card = reply.card
        rows = tuple(map(self.row, card.lines)) if card else ()
        mail = _mail(card) if card else ""
        if alarm := self._alarm(reply.text):
            lead, lines, end = alarm
            return Shown(self._paragraphs(lead), self.lines(lines), card, rows, mail, self._paragraphs(end))
        return Shown(self._paragraphs(reply.text), (), card, rows, mail)

    def row(self, line: CardLine) -> Row:
        if line.kind == "phone" and (found := self._number.search(line.value)):
            rest = line.value[found.end() :].lstrip("\u2069\u200e ").removeprefix("(").removesuffix(")")
            number = found.group()
            return Row(line.kind, line.label, escape(number), line.hint, number, called(number), rest)
        return Row(line.kind, line.label, self.linked(line.value), line.hint)

    def linked(self, text: str) -> Markup:
        """*text* with links on web addresses, mail addresses and the phone numbers of the directory."""
        return Markup().join(self._parts(text))

    def lines(self, text: str) -> tuple[Line, ...]:
        """Lines such as "112 – Rettungsdienst", taken apart. A number that the name repeats is no second button."""
        parted = (line.partition(" – ") for line in text.splitlines() if line)
        return tuple((self.linked(number), escape(name)) for number, _, name in parted)

    def _parts(self, text: str) -> Iterator[Markup]:
        end = 0
        for found in self._linked.finditer(text):
            yield escape(text[end : found.start()])
            yield _link(found)
            end = found.end()
        yield escape(text[end:])

    def _paragraphs(self, text: str) -> tuple[Markup, ...]:
        return tuple(self.linked(line) for line in text.splitlines() if line)

    def _alarm(self, text: str) -> tuple[str, str, str] | None:
        """Beginning, help numbers and end of a reply that answers to danger, in whatever language it speaks."""
        for first, last in (ends for texts in self._texts.values() for ends in _ends(texts)):
            if text.startswith(first) and text.endswith(last):
                return first, text[len(first) : -len(last)].strip(), last
        return None


def _ends(texts: Texts) -> Iterator[tuple[str, str]]:
    yield texts.crisis.sie, texts.crisis_program.sie
    yield texts.crisis.du, texts.crisis_program.du


def _link(found: re.Match[str]) -> Markup:
    if web := found["web"]:
        href = web if web.startswith("http") else f"https://{web}"
        return Markup('<a href="{}" target="_blank" rel="noopener noreferrer"><bdi>{}</bdi></a>').format(href, web)
    if mail := found["mail"]:
        return Markup('<a href="mailto:{}"><bdi>{}</bdi></a>').format(mail, mail)
    return Markup('<a class="tel" href="{}"><bdi dir="ltr">{}</bdi></a>').format(called(found["phone"]), found["phone"])


def called(number: str) -> str:
    """The address that dials *number*: with +49, so that it works from a phone of another country, too."""
    return dialled(number) or "tel:" + "".join(char for char in number if char in "0123456789+")


def _mail(card: Card) -> str:
    """The card as a message to somebody, for browsers that cannot share.

    It does not say why this office: that tells what was asked and answered, at times in the user's own words.
    """
    told = replace(card, lines=tuple(line for line in card.lines if line.kind != "why"))
    body = "\n".join(card_lines(told)).translate(_ISOLATES)
    return f"mailto:?subject={quote(card.title)}&body={quote(body)}"


def _said(texts: Texts) -> frozenset[str]:
    wordings = [getattr(texts, name) for name in Texts.__dataclass_fields__]
    return frozenset(text for wording in wordings for text in (wording.sie, wording.du))
