"""The directory: actors and their facts, concerns, who is responsible, short answers."""

import re
from collections.abc import Iterator, Mapping
from itertools import pairwise

from knowledge import hours
from knowledge.check.checker import DATE, LABEL, LONGEST_ID, REASON, Checker
from knowledge.districts import DISTRICT
from knowledge.model import Actor, Audience, Fact, Outcome, Pack, Question, Referral
from knowledge.schema import nearest

_PHONE = re.compile(r"(0|\+49 ?|1)[0-9]{1,5}[0-9 /-]{0,14}[0-9]")
_HOST = r"([a-z0-9äöüß]([a-z0-9äöüß-]*[a-z0-9äöüß])?\.)+[a-z]{2,}"  # RFC 1123, and the letters of German domains
_MAIL = re.compile(rf"[^\s@,;]+@{_HOST}", re.IGNORECASE)
_WEB = re.compile(rf"(https?://)?{_HOST}(:[0-9]+)?([/?#]\S*)?", re.IGNORECASE)

FORMATS: Mapping[str, tuple[re.Pattern[str], str]] = {
    "phone": (_PHONE, "0231 5010017, 116 111 or 112"),
    "email": (_MAIL, "stelle@stadt.de"),
    "web": (_WEB, "https://www.stadt.de/stelle"),
}
SHOWN = 60  # characters of a value that a message repeats


def pack_file(checker: Checker) -> None:
    pack = checker.pack
    for name in ("coordination", "switchboard", "crisis_line"):
        value = getattr(pack, name)
        if not value or value not in pack.actors:
            what = f"names the unknown actor '{value}' as {name}" if value else f"lacks the key '{name}' (an actor)"
            checker.at(_set_in(checker, name), what + nearest(value, pack.actors), name)
    for name in (*pack.crisis_lines, pack.crisis_line):
        if name in pack.actors and not pack.actors[name].of_kind("phone"):
            checker.at(f"actor/{name}", "is shown in a crisis, but has no phone number")
    place = _set_in(checker, "crisis_lines")
    if not pack.crisis_lines:
        checker.at(place, "lacks the key 'crisis_lines' (actors shown in a crisis)")
    for index, name in enumerate(pack.crisis_lines):
        if name not in pack.actors:
            checker.at(place, f"names the unknown actor '{name}'{nearest(name, pack.actors)}", "crisis_lines", index)


def _set_in(checker: Checker, name: str) -> str:
    """The pack.yaml that sets *name*: the nearest of the chain, else that of the region itself."""
    for pack in reversed(checker.pack.chain):
        document, _ = checker.places[f"pack/{pack}"]
        if isinstance(document.tree, dict) and name in document.tree:
            return f"pack/{pack}"
    return f"pack/{checker.pack.id}"


def actors(checker: Checker) -> None:
    pack = checker.pack
    owners: dict[str, str] = {}
    for actor in pack.actors.values():
        key = f"actor/{actor.id}"
        checker.slug(key, actor.id)
        if len(actor.id) > LONGEST_ID:
            checker.at(key, f"the id has {len(actor.id)} letters; at most {LONGEST_ID} fit into its buttons")
        if not 0 < len(actor.short) <= LABEL:
            checker.at(key, f"short has {len(actor.short)} characters; 1 to {LABEL} are allowed", "short")
        if not actor.audiences:
            checker.at(key, "serves nobody; name at least one of its audiences", "audiences")
        for audience in (Audience.TEACHER, Audience.PARENT, Audience.STUDENT):
            if audience in actor.audiences and audience not in actor.does:
                checker.at(key, f"does lacks the audience '{audience}'", "does")
        for audience, text in actor.does.items():
            if not text.strip():
                checker.at(key, f"does is empty for the audience '{audience}'", "does", audience)
        for alias in (actor.short, *actor.aliases):
            owner = owners.setdefault(alias.casefold(), actor.id)
            if owner != actor.id:
                checker.at(key, f"the alias '{alias}' belongs to '{owner}' already", "aliases")
        _eligibility(checker, actor)
        for index, fact in enumerate(actor.facts):
            for text, *path in fact_faults(fact):
                checker.at(key, text, "facts", index, *path)


def _eligibility(checker: Checker, actor: Actor) -> None:
    pack, key = checker.pack, f"actor/{actor.id}"
    for question, options in actor.eligibility.items():
        if question == DISTRICT and pack.districts:
            kind, among = "district", list(pack.districts)
        elif checker.known(key, "shared question", question, pack.questions, "eligibility", question):
            kind, among = f"option of '{question}'", [item.id for item in pack.questions[question].options]
        else:
            continue
        for option in options:
            checker.known(key, kind, option, among, "eligibility", question)


def fact_faults(fact: Fact) -> Iterator[tuple[str, *tuple[str | int, ...]]]:
    """What is wrong with one fact, and where in it."""
    name = f"{fact.kind} '{fact.value if len(fact.value) <= SHOWN else fact.value[:SHOWN] + '…'}'"
    if not fact.value:
        yield f"a {fact.kind} is empty; leave unknown facts out", "value"
    if not fact.source or not all(fact.source):
        yield f"{name} has no source; every fact has one", "source"
    if not DATE.fullmatch(fact.as_of):
        yield f"{name} has as_of '{fact.as_of}'; write YYYY, YYYY-MM, YYYY-MM-DD or unknown", "as_of"
    if fact.valid_until and (not DATE.fullmatch(fact.valid_until) or fact.valid_until == "unknown"):
        yield f"{name} has valid_until '{fact.valid_until}'; write YYYY, YYYY-MM or YYYY-MM-DD", "valid_until"
    elif fact.valid_until and fact.as_of != "unknown" and fact.valid_until < fact.as_of:
        yield f"{name} ends with {fact.valid_until}, before its as_of {fact.as_of}; correct one of them", "valid_until"
    if fact.value and fact.kind in FORMATS and not FORMATS[fact.kind][0].fullmatch(fact.value):
        yield f"{name} is not a {fact.kind}; write it like {FORMATS[fact.kind][1]}", "value"
    if fact.opens and fact.kind != "hours":
        yield f"{name} has 'opens', which only hours may have", "opens"
    for index, line in enumerate(fact.opens):
        try:
            hours.parse(line)
        except ValueError as error:
            yield str(error), "opens", index


def concerns(checker: Checker) -> None:
    pack = checker.pack
    for concern in pack.concerns.values():
        key = f"concern/{concern.id}"
        checker.slug(key, concern.id)
        checker.label(key, concern.label, "label")
        for audience, flow in concern.flows.items():
            if (
                checker.known(key, "flow", flow, pack.flows, "flows", audience)
                and audience not in pack.flows[flow].audiences
            ):
                checker.at(key, f"flow '{flow}' is not made for the audience '{audience}'", "flows", audience)


def referrals(checker: Checker) -> None:
    """Somebody is responsible for every concern and audience, and everybody who is named exists and serves them."""
    pack = checker.pack
    for concern, lists in pack.referrals.items():
        key = f"referral/{concern}"
        checker.known(key, "concern", concern, pack.concerns)
        for audience in Audience:
            entries = lists.get(audience, ())
            if not entries:
                checker.at(key, f"{concern}: nobody is responsible for the audience '{audience}'")
            for index, entry in enumerate(entries):
                for text, *path in _entry(checker, audience, entry):
                    checker.at(key, f"{concern} ({audience}) {text}", audience.value, index, *path)
            plain = sorted(entry.actor for entry in entries if not entry.when)
            for actor_id in {one for one, two in pairwise(plain) if one == two}:
                checker.at(key, f"{concern} ({audience}) names '{actor_id}' twice", audience.value)
    for concern in pack.concerns:
        if concern not in pack.referrals:
            checker.at(f"concern/{concern}", f"'{concern}' has no entry in referrals.yaml: nobody is responsible")
    _unnamed(checker)


def _entry(checker: Checker, audience: Audience, entry: Referral) -> Iterator[tuple[str, *tuple[str, ...]]]:
    """What is wrong with one line of a list, and where in it."""
    pack = checker.pack
    actor = pack.actors.get(entry.actor)
    if actor is None:
        yield f"names the unknown actor '{entry.actor}'{nearest(entry.actor, pack.actors)}", "actor"
    elif audience not in actor.audiences and not (
        audience is Audience.COORDINATOR and Audience.TEACHER in actor.audiences
    ):
        yield f"names '{entry.actor}', which does not serve this audience", "actor"
    if not 0 < len(entry.why) <= REASON:
        yield f"gives '{entry.actor}' a reason of {len(entry.why)} characters; 1 to {REASON} are allowed", "why"
    for question, options in entry.when.items():
        known = {
            option.id
            for node in _nodes(pack)
            if isinstance(node, Question) and node.id == question
            for option in node.options
        } or (set(pack.districts) if question == DISTRICT else set())
        if not known:
            yield f"has a 'when' on the unknown question '{question}'", "when"
        for option in sorted(set(options) - known) if known else ():
            yield (
                f"has a 'when' on '{question}' with the unknown option '{option}'{nearest(option, known)}",
                "when",
                question,
            )


def _unnamed(checker: Checker) -> None:
    """Actors of the city that nobody is ever sent to."""
    pack = checker.pack
    named = {entry.actor for lists in pack.referrals.values() for entries in lists.values() for entry in entries}
    special = {pack.coordination, pack.switchboard, pack.crisis_line, *pack.crisis_lines}
    for actor_id in sorted(set(pack.actors) - named - special):
        if checker.places[f"actor/{actor_id}"][0].file.startswith(f"{pack.id}/"):
            text = f"no referral ever names '{actor_id}': add it to referrals.yaml or delete the file"
            checker.at(f"actor/{actor_id}", text)


def _nodes(pack: Pack) -> Iterator[Question | Outcome]:
    yield from pack.questions.values()
    for flow in pack.flows.values():
        yield from flow.nodes.values()


def answers(checker: Checker) -> None:
    for answer in checker.pack.answers:
        key = f"answer/{answer.id}"
        checker.slug(key, answer.id, "id")
        checker.known(key, "concern", answer.concern, checker.pack.concerns, "concern")
        for index, actor in enumerate(answer.actors):
            checker.known(key, "actor", actor, checker.pack.actors, "actors", index)
        if not answer.facts:
            checker.at(key, f"answer '{answer.id}' has no source; every answer has one", "facts")
        for index, fact in enumerate(answer.facts):
            if not DATE.fullmatch(fact.as_of):
                checker.at(
                    key,
                    f"answer '{answer.id}' has as_of '{fact.as_of}'; write YYYY, YYYY-MM, YYYY-MM-DD or unknown",
                    "facts",
                    index,
                )
