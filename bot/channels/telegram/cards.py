"""A contact card as a Telegram message, as an entry of the address book, and as a place on a map.

Telegram makes a number tappable only if it begins with "+", and takes no "tel:" links; German offices are known by
their national number, so the card shows that one, and the contact to save carries the international one.
"""

import re
from collections.abc import Iterator
from urllib.parse import quote_plus

from bot.channels.port import Body
from bot.channels.telegram.styled import BOLD, ITALIC, LINK, Styled, joined, styled
from handlers.dialogue import Card, CardLine

MAP = "https://www.openstreetmap.org/search?query="
VCARD = 2048  # bytes; Telegram Bot API, sendContact
NAME = 64  # letters; Telegram's own limit of a first name
SHOWN = 40  # letters of a web address; the link holds the rest
SHORTEST = 6  # digits; shorter ones (110, 112) are the same from nowhere else
_DIALLED = re.compile(r"\+?[0-9][0-9 /\-]+")
_POSTCODE = re.compile(r"\b[0-9]{5} \w")
_ISOLATES = str.maketrans("", "", "\u2066\u2067\u2068\u2069")


def message(card: Card) -> Styled:
    """Title, then one fact a line with its date."""
    return joined([styled(card.title, BOLD), *(_line(line) for line in card.lines)], "\n")


def contact(card: Card) -> Body | None:
    """The card as sendContact; None without a number that can be dialled from anywhere."""
    phone = dialled(card)
    if phone is None:
        return None
    name = card.title if len(card.title) <= NAME else card.title[: NAME - 1].rstrip() + "…"
    return {"method": "sendContact", "phone_number": phone, "first_name": name, "vcard": vcard(card)}


def dialled(card: Card) -> str | None:
    """The first number that can be dialled from anywhere."""
    return next(filter(None, map(international, _values(card, "phone"))), None)


def place(card: Card) -> str | None:
    """A search on the map for the first address with a postcode: a street alone exists in many towns."""
    address = next((value for value in _values(card, "address") if _POSTCODE.search(value)), None)
    return MAP + quote_plus(address) if address else None


def international(number: str) -> str | None:
    """ "0231 50-100" as "+4923150100"; None for 112, 116 111 and all that is not surely one number."""
    digits = re.sub(r"[^0-9]", "", number)
    if not _DIALLED.fullmatch(number) or len(digits) < SHORTEST:
        return None
    if number.startswith("+"):
        return f"+{digits}"
    return f"+49{digits[1:]}" if digits.startswith("0") and not digits.startswith("00") else None


def vcard(card: Card) -> str:
    """The card as vCard 3.0 in at most 2,048 bytes; what comes last is left out first."""
    lines = [
        "BEGIN:VCARD", "VERSION:3.0", f"N:{_quoted(card.title)};;;;", f"FN:{_quoted(card.title)}",
        *(f"TEL;TYPE=work,voice:{international(value) or value}" for value in _values(card, "phone")),
        *(f"EMAIL:{_quoted(value)}" for value in _values(card, "email")),
        *(f"URL:{web(value)}" for value in _values(card, "web")),
        *(f"ADR;TYPE=work:;;{_quoted(value)};;;;" for value in _values(card, "address")),
        *([f"NOTE:{_quoted(note)}"] if (note := _note(card)) else []),
    ]  # fmt: skip
    while len(text := "\r\n".join([*lines, "END:VCARD", ""])) and len(text.encode()) > VCARD and len(lines) > 4:
        lines.pop()
    return text


def _note(card: Card) -> str:
    """What each number is for and how old it is: a saved number outlives the card."""
    phones = (line for line in card.lines if line.kind == "phone" and line.hint)
    return "\n".join(f"{line.value} ({line.hint})".translate(_ISOLATES) for line in phones)


def web(value: str) -> str:
    """An address to follow; where the directory names no scheme, the one that every browser tries."""
    return value if value.startswith(("http://", "https://")) else f"http://{value}"


def _line(line: CardLine) -> Styled:
    hint = styled(f" ({line.hint})", ITALIC) if line.hint else styled("")
    value = _linked(line.value) if line.kind == "web" else styled(line.value)
    if not line.label:
        return value + hint
    between = "\n" if line.kind == "plan-b" else " "
    return styled(f"{line.label}:", BOLD) + styled(between) + value + hint


def _linked(value: str) -> Styled:
    address, space, label = value.partition(" ")
    shown = re.sub(r"^https?://(www\.)?", "", address).rstrip("/")
    if len(shown) > SHOWN:
        shown = shown.partition("/")[0] + "/…"
    return styled(shown, LINK, web(address)) + styled(space + label)


def _values(card: Card, kind: str) -> Iterator[str]:
    """The bare values of one kind, without label and marks of direction."""
    for line in card.lines:
        if line.kind == kind:
            yield line.value.translate(_ISOLATES).partition(" (")[0].partition(" – ")[0].strip()


def _quoted(text: str) -> str:
    return re.sub(r"([\\,;])", r"\\\1", text).replace("\n", "\\n")
