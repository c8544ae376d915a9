"""Contact cards: an actor's facts in the order in which somebody needs them, with their dates and sources."""

from collections.abc import Iterator, Sequence
from datetime import date, datetime
from urllib.parse import urlsplit

from handlers.dialogue import Card, CardLine
from handlers.situation import Situation
from knowledge import hours
from knowledge.model import Actor, Audience, Fact

CONTACT = ("phone", "email", "web", "address", "hours")
FURTHER = ("limit", "cost", "language", "confidentiality", "caveat")
CONNECTED = frozenset({"municipal", "state"})  # kinds of actors to which a city's switchboard can put people through
OLD = 365  # days after which a fact should be confirmed; the directory's own rule


def card(situation: Situation, actor: Actor, *, why: Sequence[str] = (), plan_b: Sequence[Actor] = ()) -> Card:
    """The card of *actor* for this user, at this moment."""
    texts, audience = situation.texts, situation.audience
    lines: list[CardLine] = []
    for kind in CONTACT:
        lines.extend(_lines(situation, actor, kind))
        if kind == "phone" and not actor.of_kind("phone", audience):
            lines.append(CardLine("no-phone", "", without_phone(situation, actor)))
    lines.append(CardLine("does", situation.say(texts.card_does), _for(actor.does, audience)))
    if step := _for(actor.first_step, audience):
        lines.append(CardLine("step", situation.say(texts.card_step), step))
    if ready := actor.have_ready.get(audience or Audience.PARENT):
        lines.append(CardLine("ready", situation.say(texts.card_ready), "; ".join(ready)))
    for kind in FURTHER:
        lines.extend(_lines(situation, actor, kind))
    lines.append(CardLine("why", situation.say(texts.card_why), " ".join(reason for reason in why if reason)))
    lines.append(CardLine("source", situation.say(texts.card_source), sources(situation, actor)))
    for number, other in enumerate(plan_b, 2):
        label = situation.say(texts.plan_b) if number == 2 else ""
        lines.append(CardLine("plan-b", label, f"{number}. {brief(situation, other)}"))
    return Card(actor.id, actor.name, tuple(line for line in lines if line.value), situation.conversation.language)


def brief(situation: Situation, actor: Actor) -> str:
    """Name and, where it is on file, phone in one line."""
    phones = newest(actor.of_kind("phone", situation.audience))
    return f"{actor.short}: {in_order(situation, phones[0].value)}" if phones else actor.short


def in_order(situation: Situation, number: str) -> str:
    """A phone number whose parts keep their order in right-to-left text: Unicode's isolates around it."""
    return f"\u2066{number}\u2069" if situation.texts.direction.sie == "rtl" else number


def without_phone(situation: Situation, actor: Actor) -> str:
    """What to do where no phone number is on file: never an empty line."""
    texts, pack = situation.texts, situation.pack
    parts = [situation.say(texts.no_phone)]
    if actor.of_kind("web", situation.audience):
        parts.append(situation.say(texts.no_phone_web))
    for other_id in (pack.switchboard, pack.coordination):
        other = pack.actors.get(other_id)
        phones = newest(other.of_kind("phone", situation.audience)) if other and other.id != actor.id else []
        if other and phones and CONNECTED & set(actor.kind.split("+")):
            parts.append(situation.say(texts.no_phone_via, name=other.short, phone=phones[0].value))
            break
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
    parts = [
        situation.say(texts.card_as_of, date=month(fact.as_of))
        if fact.as_of != "unknown"
        else situation.say(texts.card_as_of_unknown)
    ]
    different = [other.value for other in others if other.value != fact.value]
    if different:
        parts.append(situation.say(texts.card_versions, other="; ".join(different)))
    elif fact.unsure:
        parts.append(situation.say(texts.card_unsure))
    elif stale(fact, situation.at):
        parts.append(situation.say(texts.card_old))
    if fact.personal:
        parts.append(situation.say(texts.card_personal))
    return ", ".join(parts)


def stale(fact: Fact, at: datetime) -> bool:
    """Whether a dated fact was last confirmed more than a year ago. A fact without a date is not called old."""
    if fact.as_of == "unknown":
        return False
    year, *rest = (int(part) for part in fact.as_of.split("-"))
    latest = date(year, *((*rest, 28) if len(rest) == 1 else rest)) if rest else date(year, 12, 31)
    return (at.date() - latest).days > OLD


def month(as_of: str) -> str:
    """ "2021-12" as "12/2021", "2024-01-05" as "05.01.2024", "2019" as it is."""
    parts = as_of.split("-")
    return ".".join(reversed(parts)) if len(parts) == 3 else "/".join(reversed(parts))


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
    texts = situation.texts
    stand = (
        situation.say(texts.card_as_of, date=month(as_of))
        if as_of != "unknown"
        else situation.say(texts.card_as_of_unknown)
    )
    return f"{situation.say(texts.card_source)}: {site(source[0])}, {stand}"


def _lines(situation: Situation, actor: Actor, kind: str) -> Iterator[CardLine]:
    facts = actor.of_kind(kind, situation.audience)
    if kind == "email" and any(not fact.personal for fact in facts):
        facts = tuple(fact for fact in facts if not fact.personal)
    label = situation.say(getattr(situation.texts, f"card_{kind}"))
    for fact in newest(facts):
        others = [other for other in facts if other.label == fact.label]
        plain = in_order(situation, fact.value) if kind == "phone" else fact.value
        value = f"{plain} ({fact.label})" if fact.label and kind in CONTACT else plain
        now = opening(situation, fact) if kind == "hours" else ""
        hint = dated(situation, fact, others) if kind in (*CONTACT, "limit") else ""
        yield CardLine(kind, label, f"{value} – {now}" if now else value, hint)


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
