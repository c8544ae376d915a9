"""Contact cards for address books: vCard 4.0 (RFC 6350), one card an actor."""

from collections.abc import Iterator, Sequence
from itertools import count

import phonenumbers

from bot.exchange.shared import address, contacts, identity, origins, shared, since, standing, web
from knowledge.model import Actor, Fact
from knowledge.texts import Texts

FOLD = 75  # octets a line, RFC 6350 section 3.2
SHORT = 6  # digits: 112, 116111 exist in Germany only and are dialled as they are


def vcard(actor: Actor, texts: Texts, *, home: str = "", categories: Sequence[str] = ()) -> str:
    """*actor* for an address book; CRLF at every end of line, the same text every time.

    *home* is the pack the actor comes from; it keeps apart the cards of two cities. REV is the start of the newest
    date of a fact, never the clock. An unsure fact says so in its label and in the note."""
    actor = shared(actor)
    rows = [
        "BEGIN:VCARD",
        "VERSION:4.0",
        "KIND:org",
        f"UID:urn:uuid:{identity(home, actor.id)}",
        f"FN:{_text(actor.name)}",
        f"ORG:{_text(actor.name)}",
    ]
    if actor.short != actor.name:
        rows.append(f"NICKNAME:{_text(actor.short)}")
    rows += _reached(actor, texts)
    if note := "\n".join(_note(actor, texts)):
        rows.append(f"NOTE:{_text(note)}")
    if categories:
        rows.append("CATEGORIES:" + ",".join(map(_text, categories)))
    dates = [start for fact in contacts(actor) if (start := since(fact.as_of))]
    if dates:
        rows.append(f"REV:{max(dates):%Y%m%d}T000000Z")
    return "".join(f"{_folded(row)}\r\n" for row in [*rows, "END:VCARD"])


def _reached(actor: Actor, texts: Texts) -> Iterator[str]:
    """A line for each contact fact; labelled ones in a group with X-ABLABEL, which address books show."""
    numbers = count(1)
    for fact in contacts(actor):
        line = _line(fact)
        label = " – ".join(part for part in (fact.label, texts.card_unsure.sie if fact.unsure else "") if part)
        if line and label:
            group = f"item{next(numbers)}"
            yield f"{group}.{line}"
            yield f"{group}.X-ABLABEL:{_text(label)}"
        elif line:
            yield line


def _line(fact: Fact) -> str:
    match fact.kind:
        case "phone":
            uri = dialled(fact.value)
            return f"TEL;VALUE=uri;TYPE=voice:{uri}" if uri else f"TEL;TYPE=voice:{_text(fact.value)}"
        case "email":
            return f"EMAIL:{_text(fact.value)}"
        case "web":
            return f"URL:{web(fact.value)}"
        case "address":
            street, code, city = address(fact.value) or (fact.value, "", "")
            return f"ADR:;;{_text(street)};{_text(city)};;{_text(code)};"
    return ""


def dialled(number: str) -> str:
    """A German number as a tel: address; nothing for 112, 116 111 and what is no number: dialled as written."""
    try:
        parsed = phonenumbers.parse(number, "DE")
    except phonenumbers.NumberParseException:
        return ""
    if len(str(parsed.national_number)) <= SHORT or not phonenumbers.is_possible_number(parsed):
        return ""
    return phonenumbers.format_number(parsed, phonenumbers.PhoneNumberFormat.RFC3966)


def _note(actor: Actor, texts: Texts) -> Iterator[str]:
    """Every contact fact with its date, opening hours among them, and where they come from."""
    for fact in contacts(actor):
        name = getattr(texts, f"card_{fact.kind}").sie
        label = f" ({fact.label})" if fact.label else ""
        yield f"{name}{label}: {fact.value} – {standing(fact, texts)}"
    if names := origins(contacts(actor)):
        yield f"{texts.card_source.sie}: {'; '.join(names)}"


def _text(value: str) -> str:
    """A text value: escaped, without control characters, which the format cannot carry."""
    plain = value.replace("\r\n", "\n").replace("\r", "\n")
    kept = "".join(char for char in plain if char in "\t\n" or (char >= " " and char != "\x7f"))
    for char in "\\,;":
        kept = kept.replace(char, f"\\{char}")
    return kept.replace("\n", "\\n")


def _folded(line: str) -> str:
    """At most 75 octets a line, never cut within a character."""
    lines, size = [""], 0
    for char in line:
        octets = len(char.encode())
        if size + octets > FOLD:
            lines.append(" ")
            size = 1
        lines[-1] += char
        size += octets
    return "\r\n".join(lines)
