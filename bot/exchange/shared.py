"""Which part of the directory leaves it: what anybody may read, of each fact only the version that holds."""

import re
from collections.abc import Iterable, Iterator
from dataclasses import replace
from datetime import date
from typing import get_args
from urllib.parse import quote
from uuid import UUID, uuid5

from handlers.cards import CONTACT, month, newest, site
from knowledge.model import Actor, Audience, Fact, FactKind, Pack
from knowledge.texts import Texts

KINDS = tuple(kind for kind in get_args(FactKind) if kind != "person")
"""The kinds of facts that are exchanged, in the order of the model."""

_NAMESPACE = UUID("6f3a1d52-6a0b-5e0e-9f0e-5c9b4c1b7a10")  # chosen once; every exported id derives from it
_ADDRESS = re.compile(r"(?P<street>[^,()\n]*[^,()\s] \d+ ?[a-zA-Z]?), (?P<code>\d{5}) (?P<city>[^,()\s][^,()\n]*)")


def private(fact: Fact) -> bool:
    """Facts for editors, names and mailboxes of persons: they never leave the pack."""
    return fact.internal or fact.personal or fact.kind == "person"


def shared(actor: Actor) -> Actor:
    """*actor* as others may have it: no private fact, no outdated version, no editor's note; facts by kind.

    The same again for what it returns."""
    return replace(actor, facts=tuple(replace(fact, note="") for kind in KINDS for fact in _holding(actor, kind)))


def _holding(actor: Actor, kind: str) -> Iterator[Fact]:
    """What a card shows to some audience, in the order of the file."""
    public = replace(actor, facts=tuple(fact for fact in actor.facts if not private(fact)))
    shown = [fact for audience in Audience for fact in newest(public.of_kind(kind, audience))]
    return (fact for fact in dict.fromkeys(public.of_kind(kind)) if fact in shown)


def home(pack: Pack, actor: Actor) -> str:
    """The pack an actor comes from: a national line is the same one in every city."""
    return pack.origin[f"actor/{actor.id}"].split("/")[0]


def concerns(pack: Pack, actor: Actor) -> tuple[str, ...]:
    """Ids of the concerns for which somebody is sent to *actor*, in the order of the pack."""
    return tuple(
        concern
        for concern in pack.concerns
        if any(entry.actor == actor.id for entries in pack.referrals.get(concern, {}).values() for entry in entries)
    )


def identity(*parts: str) -> UUID:
    """The same id for the same thing, on every machine and in every export."""
    return uuid5(_NAMESPACE, "\n".join(parts))


def since(as_of: str) -> date | None:
    """The first day of the time that *as_of* names; None if it is unknown."""
    if as_of == "unknown":
        return None
    year, month_of_year, day = (*(int(part) for part in as_of.split("-")), 1, 1)[:3]
    try:
        return date(year, month_of_year, day)
    except ValueError:
        return date(year, month_of_year, 1)  # a 31st of February passes the pattern of dates


def standing(fact: Fact, texts: Texts) -> str:
    """ "Stand 12/2021, bitte prüfen": how far a fact can be trusted, in the words of the card."""
    known = fact.as_of != "unknown"
    parts = [texts.card_as_of.sie.format(date=month(fact.as_of)) if known else texts.card_as_of_unknown.sie]
    return ", ".join([*parts, texts.card_unsure.sie] if fact.unsure else parts)


def contacts(actor: Actor) -> Iterator[Fact]:
    """The facts one reaches an office by, in the order of a card."""
    return (fact for kind in CONTACT for fact in actor.of_kind(kind))


def address(value: str) -> tuple[str, str, str] | None:
    """Street, postal code and city of "Gutenbergstraße 24, 44139 Dortmund"; None for any other wording."""
    match = _ADDRESS.fullmatch(value)
    return (match["street"], match["code"], match["city"]) if match else None


def web(value: str) -> str:
    """A web address as a URI: "www.stadt.de" with its scheme, letters beyond ASCII encoded."""
    full = value if value.casefold().startswith(("http://", "https://")) else f"https://{value}"
    return quote(full, safe="%/:=&?~#+!$,;'@()*")


def origins(facts: Iterable[Fact]) -> list[str]:
    """Where *facts* come from: the host of a web address, any other source as it is; each once."""
    return list(dict.fromkeys(site(source) for fact in facts for source in fact.source))
