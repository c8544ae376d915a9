"""The pages about knowledge: gaps, freshness, corrections. Sentences for what the pure modules find."""

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

from bot.review import charts, corrections, figures, gaps
from bot.review.charts import Point
from bot.review.corrections import Correction
from bot.review.gaps import Answer, Demand, Gap, Kind
from bot.review.number import How
from bot.review.places import Places
from bot.review.release import Release
from bot.review.web.names import FEW, Names
from bot.review.web.sections import Row, Section
from knowledge.freshness import Aged, State, aged
from knowledge.model import Actor, Fact

ORDER = (State.NEVER, State.OVERDUE, State.DUE, State.FRESH)


@dataclass(frozen=True, slots=True)
class Told:
    """What is missing at one concern or office: the number, its name, each gap in words, and where to close it."""

    demand: str
    name: str
    missing: tuple[tuple[str, str], ...]  # (kind, sentence)
    place: str


def gap_map(names: Names, release: Release | None, today: date) -> Mapping[str, Any]:
    """Values of the gap map. Without a release everything is listed, without a number."""
    say = names.words
    demand = figures.demand(release) if release else gaps.Demand()
    groups: dict[tuple[str, str], list[Gap]] = {}
    for gap in gaps.gaps(names.pack, demand, today):
        groups.setdefault((gap.concern, gap.actor), []).append(gap)
    asked = [_told(names, group) for group in groups.values() if group[0].n]
    silent = [_told(names, group) for group in groups.values() if not group[0].n]
    if asked:
        key = "gaps_sentence" if len(asked) > 1 else "gaps_sentence_one"
        sentence = say(key, count=len(asked), first=f"„{asked[0].name}“ ({asked[0].demand})")
    else:
        sentence = say("gaps_sentence_none")
    return {"sentence": sentence, "asked": asked, "silent": silent, "map": _map(names, demand)}


def _map(names: Names, demand: Demand) -> Mapping[str, Any]:
    """The map itself: concerns with a published number, and what those who ask find."""
    say = names.words
    audiences = [names.column(audience.value) for audience in gaps.ASKS]
    asked = sorted({concern for concern, _ in demand.cells}, key=lambda concern: -demand.concerns[concern].n)
    rows = [
        (names.concern(concern), gaps.spots(names.pack, concern, demand))
        for concern in asked
        if concern in names.pack.concerns
    ]
    shown = [spot for _, spots in rows for spot in spots if spot.n]
    bad = sum(spot.answer is not Answer.REACHABLE for spot in shown)
    told = say("map_sentence", bad=bad, all=len(shown)) if shown else say("map_none")
    lines = [
        (
            name,
            [
                (
                    names.number(spot.n) if spot.n else "",
                    spot.answer.value,
                    say(f"answer_{spot.answer}", named=spot.named, reachable=spot.reachable),
                )
                for spot in spots
            ],
        )
        for name, spots in rows
    ]
    return {"sentence": told, "columns": audiences, "rows": lines}


def _told(names: Names, group: Sequence[Gap]) -> Told:
    first = group[0]
    missing = tuple((names.words(f"kind_{gap.kind}"), _sentence(names, gap)) for gap in group)
    key = f"actor/{first.actor}" if first.actor else f"referral/{first.concern}"
    place = names.pack.origin.get(key, f"{names.pack.id}/referrals.yaml")
    name = names.actor(first.actor) if first.actor else names.concern(first.concern)
    return Told(_demand(names, first), name, missing, place)


def _sentence(names: Names, gap: Gap) -> str:
    say, values = names.words, {"audience": names.words(f"for_{gap.audience}") if gap.audience else ""}
    if gap.kind is Kind.NOBODY_FOR:
        values["answer"] = "“, „".join(names.answer(place) for place in gap.detail)
    if gap.kind is Kind.CLOSED:
        values["times"] = _times(names, gap.detail)
    if gap.kind is Kind.OLD:
        values["as_of"] = ", ".join(_as_of(names, as_of) for as_of in gap.detail)
    return say(f"gap_{gap.kind}", **values)


def _demand(names: Names, gap: Gap) -> str:
    if gap.n is None:
        return names.words("gap_demand_none")
    if gap.n.how is How.ABOUT and gap.n.n == FEW:
        return names.words("gap_demand_few")
    return names.words(f"gap_demand_{gap.n.how}", n=gap.n.n)


def _times(names: Names, slots: Sequence[str]) -> str:
    return ", ".join(
        f"{names.words(f'day_{day}')} {names.words(f'hour_{hour}')}"
        for day, hour in (slot.split("-") for slot in slots)
    )


def _as_of(names: Names, as_of: str) -> str:
    known = as_of[:1].isdecimal()
    return names.words("gap_old_as_of", as_of=_german(as_of)) if known else names.words("gap_old_unknown")


def _german(as_of: str) -> str:
    """2022-11-03 as 03.11.2022, 2022-11 as 11/2022."""
    parts = as_of.split("-")
    return ".".join(reversed(parts)) if len(parts) == 3 else "/".join(reversed(parts))


def freshness(names: Names, places: Places, today: date) -> Mapping[str, Any]:
    """Values of the page about freshness: all statements that users see, by office."""
    say = names.words
    found = aged(names.pack, today)
    n = Counter(one.state for one in found)
    told = say("freshness_sentence", all=len(found), **{state.value: n[state] for state in State})
    points = [Point(say(f"state_{state}"), n[state], str(n[state])) for state in ORDER]
    rows = tuple(Row(point.label, (point.shown,)) for point in points)
    title = say("freshness_title")
    chart = charts.bars("aktualitaet", title, told, points)
    section = Section("aktualitaet", title, told, chart, (say("head_state"), say("head_facts")), rows)
    stale = [one for one in found if one.state is not State.FRESH]
    offices = [
        _office(names, places, actor, [one for one in stale if one.actor is actor])
        for actor in sorted(
            {one.actor.id: one.actor for one in stale}.values(), key=lambda actor: actor.name.casefold()
        )
    ]
    return {"section": section, "offices": offices}


def _office(names: Names, places: Places, actor: Actor, stale: Sequence[Aged]) -> Mapping[str, Any]:
    n = Counter(one.state for one in stale)
    return {
        "name": actor.name,
        "states": [(state.value, f"{n[state]} {names.words(f'state_{state}')}") for state in ORDER if n[state]],
        "command": f"schullotse confirm {actor.id}",
        "statements": [_statement(names, places, one) for one in stale],
    }


def _statement(names: Names, places: Places, one: Aged) -> dict[str, str]:
    return {
        "state": one.state.value,
        "state_name": names.words(f"state_{one.state}"),
        "kind": _kind(names, one.fact),
        "value": one.fact.value,
        "as_of": _stand(names, one.fact),
        "place": places.of_fact(names.pack, one.actor.id, one.fact),
    }


def _kind(names: Names, fact: Fact) -> str:
    kind = names.column(fact.kind)
    return f"{kind} ({fact.label})" if fact.label else kind


def _stand(names: Names, fact: Fact) -> str:
    if not fact.as_of[:1].isdecimal():
        return names.words("as_of_unknown")
    return names.words("as_of", as_of=_german(fact.as_of))


def wrong_facts(names: Names, places: Places, release: Release) -> Mapping[str, Any]:
    """Values of the page about corrections."""
    say = names.words
    found = corrections.corrections(release, names.pack)
    if not found:
        return {"sentence": say("corrections_none"), "chart": "", "corrections": []}
    first = found[0]
    sentence = say(
        "corrections_sentence",
        actor=first.actor.short,
        fact=names.column(first.kind),
        n=names.number(first.n),
    )
    points = [Point(f"{one.actor.short}: {names.column(one.kind)}", one.n.n, names.number(one.n)) for one in found]
    chart = charts.bars("korrekturen", say("corrections_title"), sentence, points)
    return {
        "sentence": sentence,
        "chart": chart,
        "corrections": [_prepared(names, places, one) for one in found],
    }


def _prepared(names: Names, places: Places, one: Correction) -> dict[str, Any]:
    subject, body = names.words("mail_subject"), _message(names, one)
    stands = [places.of_fact(names.pack, one.actor.id, fact) for fact in one.facts]
    return {
        "actor": one.actor.name,
        "fact": names.column(one.kind),
        "n": names.number(one.n),
        "places": stands or [names.pack.origin[f"actor/{one.actor.id}"]],
        "values": [(fact.value, _stand(names, fact)) for fact in one.facts],
        "command": one.command,
        "subject": subject,
        "body": body,
        "mailto": corrections.mailto(one.email, subject, body),
    }


def _message(names: Names, one: Correction) -> str:
    """What to ask the office: its own statements, and whether they are still right."""
    say = names.words
    shown = "\n".join(_mail_item(names, fact) for fact in one.facts) or say("mail_nothing")
    key = "mail_intro_other" if one.kind == corrections.OTHER else "mail_intro"
    intro = say(key, name=one.actor.name, fact=names.column(one.kind))
    asked = f"{say('mail_shown')}\n{shown}"
    return "\n\n".join((say("mail_greeting"), intro, asked, say("mail_ask"), say("mail_close")))


def _mail_item(names: Names, fact: Fact) -> str:
    if not fact.as_of[:1].isdecimal():
        return names.words("mail_item_unknown", value=fact.value)
    return names.words("mail_item", value=fact.value, as_of=_german(fact.as_of))
