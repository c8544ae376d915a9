"""Contact cards: an actor's facts in the order in which somebody needs them, with their dates and sources."""

from collections.abc import Iterator, Sequence
from urllib.parse import urlsplit

from handlers.dialogue import Card, CardLine
from handlers.situation import Situation
from knowledge import freshness, hours
from knowledge.freshness import State
from knowledge.model import Actor, Audience, Fact

CONTACT = ("phone", "email", "web", "address", "hours")
FURTHER = ("limit", "cost", "language", "confidentiality", "caveat")
CONNECTED = frozenset({"municipal", "state"})  # kinds of actors to which a city's switchboard can put people through
CONFIRMED = frozenset({State.FRESH, State.DUE})


def card(situation: Situation, actor: Actor, *, why: Sequence[str] = (), plan_b: Sequence[Actor] = ()) -> Card:
    """The card of *actor* for this user, at this moment."""
    texts, audience = situation.texts, situation.audience
    lines = _contacts(situation, actor)
    lines.append(CardLine("does", situation.say(texts.card_does), _for(actor.does, audience)))
    if step := _for(actor.first_step, audience):
        lines.append(CardLine("step", situation.say(texts.card_step), step))
    if ready := actor.have_ready.get(audience or Audience.PARENT):
        lines.append(CardLine("ready", situation.say(texts.card_ready), "; ".join(ready)))
    for kind in FURTHER:
        lines.extend(line for _, line in _lines(situation, actor, kind))
    lines.append(CardLine("why", situation.say(texts.card_why), " ".join(reason for reason in why if reason)))
    lines.append(CardLine("source", situation.say(texts.card_source), sources(situation, actor)))
    for other in plan_b:  # without numbers: a typed number is a button's
        label = situation.say(texts.plan_b) if other is plan_b[0] else ""
        lines.append(CardLine("plan-b", label, brief(situation, other)))
    return Card(actor.id, actor.name, tuple(line for line in lines if line.value), situation.conversation.language)


def brief(situation: Situation, actor: Actor) -> str:
    """Name and, where it is on file, phone in one line; with its date if that is long ago."""
    phones = newest(actor.of_kind("phone", situation.audience))
    if not phones:
        return actor.short
    old = overdue(situation, phones[0]) and not helpline(situation, actor)
    told = f" ({_stand(situation, phones[0].as_of)})" if old else ""
    return f"{actor.short}: {in_order(situation, phones[0].value)}{told}"


def in_order(situation: Situation, number: str) -> str:
    """A phone number whose parts keep their order in right-to-left text: Unicode's isolates around it."""
    return f"\u2066{number}\u2069" if situation.texts.direction.sie == "rtl" else number


def without_phone(situation: Situation, actor: Actor) -> str:
    """What to do where no phone number is on file: never an empty line."""
    texts = situation.texts
    parts = [situation.say(texts.no_phone)]
    if actor.of_kind("web", situation.audience):
        parts.append(situation.say(texts.no_phone_web))
    if asked := _whom_to_ask(situation, actor):
        other, phone = asked
        parts.append(situation.say(texts.no_phone_via, name=other.short, phone=phone.value))
    return " ".join(parts)


def newest(facts: Sequence[Fact]) -> list[Fact]:
    """Of each label the version that holds: known dates first, the newest of them, then the order of the file."""
    groups: dict[str, list[Fact]] = {}
    for fact in facts:
        groups.setdefault(fact.label, []).append(fact)
    return [max(versions, key=lambda fact: (fact.as_of != "unknown", fact.as_of)) for versions in groups.values()]


def dated(situation: Situation, fact: Fact, others: Sequence[Fact] = ()) -> str:
    """ "Stand 12/2021; bitte prüfen": the date of a fact and every reason to check it."""
    texts = situation.texts
    parts = [_stand(situation, fact.as_of)]
    different = [other.value for other in others if other.value != fact.value]
    if different:
        parts.append(situation.say(texts.card_versions, other="; ".join(different)))
    elif fact.unsure:
        parts.append(situation.say(texts.card_unsure))
    elif overdue(situation, fact):
        parts.append(situation.say(texts.card_old))
    if fact.personal:
        parts.append(situation.say(texts.card_personal))
    return ", ".join(parts)


def overdue(situation: Situation, fact: Fact) -> bool:
    """Whether *fact* holds no longer because nobody has confirmed it. A fact without a date is not called old."""
    return freshness.of(fact, situation.pack, situation.at.date()) is State.OVERDUE


def helpline(situation: Situation, actor: Actor) -> bool:
    """Whether *actor* is shown in danger, or a line of the whole country: its numbers stand first, however old."""
    return actor.kind == "national" or actor.id in {*situation.pack.crisis_lines, situation.pack.crisis_line}


def month(as_of: str) -> str:
    """ "2021-12" as "12/2021", "2024-01-05" as "05.01.2024", "2019" as it is."""
    parts = as_of.split("-")
    return ".".join(reversed(parts)) if len(parts) == 3 else "/".join(reversed(parts))


def _stand(situation: Situation, as_of: str) -> str:
    """ "Stand 12/2021", or that nobody knows."""
    texts = situation.texts
    known = as_of != "unknown"
    return situation.say(texts.card_as_of, date=month(as_of)) if known else situation.say(texts.card_as_of_unknown)


def sources(situation: Situation, actor: Actor) -> str:
    """Where the contact facts come from, at most three, each named once."""
    shown = [fact for kind in CONTACT for fact in newest(actor.of_kind(kind, situation.audience))]
    shown = shown or list(actor.of_kind("role", situation.audience))
    names = dict.fromkeys(f"{site(source)}" for fact in shown for source in fact.source[:1])
    return "; ".join(list(names)[:3])


def site(source: str) -> str:
    """The host of a web address without www; any other source as it is."""
    return urlsplit(source).netloc.removeprefix("www.") or source


def origin(situation: Situation, source: Sequence[str], as_of: str) -> str:
    """Where a statement comes from, and from when it is."""
    return f"{situation.say(situation.texts.card_source)}: {site(source[0])}, {_stand(situation, as_of)}"


def _contacts(situation: Situation, actor: Actor) -> list[CardLine]:
    """How to reach *actor*. Where a number is overdue, somebody is named who knows the right one.

    If the number of that somebody is confirmed, it comes first, and what is overdue comes last.
    """
    texts = situation.texts
    lines: list[CardLine] = []
    last: list[CardLine] = []
    phones = newest(actor.of_kind("phone", situation.audience))
    old = any(overdue(situation, fact) for fact in phones) and not helpline(situation, actor)
    other, phone = (_whom_to_ask(situation, actor) if old else None) or (None, None)
    sure = phone is not None and freshness.of(phone, situation.pack, situation.at.date()) in CONFIRMED
    told = {"name": other.short, "phone": in_order(situation, phone.value)} if other and phone else {}
    if sure:
        lines.append(CardLine("no-phone", "", situation.say(texts.ask_first, **told)))
    for kind in CONTACT:
        for fact, line in _lines(situation, actor, kind):
            (last if sure and overdue(situation, fact) else lines).append(line)
        if kind == "phone" and not phones:
            lines.append(CardLine("no-phone", "", without_phone(situation, actor)))
        elif kind == "phone" and told and not sure:
            lines.append(CardLine("ask", "", situation.say(texts.ask_also, **told)))
    return lines + last


def _whom_to_ask(situation: Situation, actor: Actor) -> tuple[Actor, Fact] | None:
    """The city's switchboard or coordination with its number, a confirmed one first; only for offices they reach."""
    pack, found = situation.pack, []
    for other_id in (pack.switchboard, pack.coordination):
        other = pack.actors.get(other_id)
        phones = newest(other.of_kind("phone", situation.audience)) if other and other.id != actor.id else []
        if other and phones and CONNECTED & set(actor.kind.split("+")):
            found.append((other, phones[0]))
    sure = (one for one in found if freshness.of(one[1], pack, situation.at.date()) in CONFIRMED)
    return next(sure, found[0] if found else None)


def _lines(situation: Situation, actor: Actor, kind: str) -> Iterator[tuple[Fact, CardLine]]:
    """Each fact of one kind that holds, with its line. Hours that are overdue say nothing about now."""
    facts = actor.of_kind(kind, situation.audience)
    if kind == "email" and any(not fact.personal for fact in facts):
        facts = tuple(fact for fact in facts if not fact.personal)
    label = situation.say(getattr(situation.texts, f"card_{kind}"))
    for fact in newest(facts):
        others = [other for other in facts if other.label == fact.label]
        plain = in_order(situation, fact.value) if kind == "phone" else fact.value
        value = f"{plain} ({fact.label})" if fact.label and kind in CONTACT else plain
        told = kind == "hours" and (helpline(situation, actor) or not overdue(situation, fact))
        now = opening(situation, fact) if told else ""
        sure = kind == "phone" and helpline(situation, actor)  # who dials 112 must not wonder how old it is
        hint = dated(situation, fact, others) if kind in (*CONTACT, "limit") and not sure else ""
        yield fact, CardLine(kind, label, f"{value} – {now}" if now else value, hint)


def opening(situation: Situation, fact: Fact) -> str:
    """ "jetzt offen bis 17 Uhr", "öffnet Montag um 8 Uhr", or nothing where the hours are not machine-readable."""
    texts = situation.texts
    match hours.status(fact.opens, situation.at, situation.pack.holidays):
        case hours.Open(None):
            return situation.say(texts.open_always)
        case hours.Open(until) if until is not None:
            return situation.say(texts.open_until, time=_clock(until.hour, until.minute))
        case hours.Opens(opens_at):
            clock = _clock(opens_at.hour, opens_at.minute)
            if opens_at.date() == situation.at.date():
                return situation.say(texts.opens_today, time=clock)
            day = situation.say(texts.weekdays).split(",")[opens_at.weekday()]
            return situation.say(texts.opens_on, day=day, time=clock)
    return ""


def _clock(hour: int, minute: int) -> str:
    return f"{hour}:{minute:02}" if minute else f"{hour or 24}"


def _for(texts: object, audience: Audience | None) -> str:
    assert isinstance(texts, dict)  # noqa: S101 - the loader makes plain dicts
    for key in (audience, Audience.PARENT, Audience.TEACHER, *texts):
        if key in texts:
            return str(texts[key])
    return ""
