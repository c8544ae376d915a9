"""From HSDS 3.x JSON to actors: our own exports, and those of others as far as the packs have a place for it.

What others do not say is not made up: the kind is "unknown", an undated fact is undated. What a pack must have and the
file lacks is filled with what holds for every public service – it is for everybody – and named in a warning.
"""

import json
import re
import unicodedata
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

from bot.exchange.admit import UNKNOWN, Incoming, admit, fault, twice
from bot.exchange.hsds import DAYS, IDENTIFIER, TEXTUAL
from bot.exchange.schemas import problems as faults
from bot.exchange.shared import KINDS, web
from knowledge import hours
from knowledge.check.checker import DATE, LABEL
from knowledge.model import Audience
from knowledge.source import Problem, Tree

Object = Mapping[str, Any]
"""Valid HSDS: the schemas have been asked before anything is read from it."""

_TIME = re.compile(r"(\d\d:\d\d)(:\d\d(\.\d+)?)?")  # local; with an offset it is another clock than ours
_UMLAUTS = str.maketrans({"ä": "ae", "ö": "oe", "ü": "ue", "ß": "ss"})


def read(text: str, file: str) -> tuple[list[Incoming], list[Problem]]:
    """The actors in the HSDS *text*; problems with the line where the service begins, warnings among them."""
    try:
        found = list(_services(json.loads(text, object_pairs_hook=_without_null)))
    except json.JSONDecodeError as error:
        return [], [Problem(file, error.lineno, f"is not JSON ({error.msg}); export it again as HSDS JSON")]
    except RecursionError:
        return [], [Problem(file, 1, "is nested too deeply for HSDS")]
    arrived: list[Incoming] = []
    problems: list[Problem] = []
    if not found:
        problems.append(Problem(file, 1, "holds no service; HSDS is a service, an organization, or a list of them"))
    for service in found:
        line = _line(text, service)
        wrong = [Problem(file, line, f"is not HSDS: {complaint}") for complaint in faults("service", service)]
        incoming, more = (None, wrong) if wrong else _incoming(service, file, line)
        problems += more
        arrived += [incoming] if incoming else []
    return arrived, [*problems, *twice(arrived)]


def _services(document: Any) -> Iterator[Object]:
    """Every service with its organization, whichever of the forms of HSDS the file has."""
    match document:
        case list(items) | {"contents": list(items)}:
            for item in items:
                yield from _services(item)
        case {"service": dict(service), **rest}:
            yield {"service_at_locations": [rest], **service}
        case {"services": [_, *_] as items, **organization}:
            for item in items:
                yield {"organization": organization, **item} if isinstance(item, dict) else {}
        case {"status": _}:
            yield document
        case {"name": _}:
            alone = {key: document[key] for key in ("id", "name", "alternate_name") if key in document}
            yield {**alone, "status": "active", "organization": document}


def _incoming(service: Object, file: str, line: int) -> tuple[Incoming | None, list[Problem]]:
    """One valid service as an actor. Facts that a pack cannot hold are left out, with a warning each."""
    own, tree, missing = _tree(service, Path(file).name)
    incoming, problems = admit(tree, file, line)
    if incoming is None:
        return None, problems
    wrong = {fact: text for fact in incoming.actor.facts if (text := fault(fact))}
    kept = tuple(fact for fact in incoming.actor.facts if fact not in wrong)
    problems += [incoming.problem(text if own else f"{text}; left out", warning=not own) for text in wrong.values()]
    problems += [incoming.problem(text, warning=True) for text in missing]
    return replace(incoming, actor=replace(incoming.actor, facts=kept)), problems


def _tree(service: Object, file: str) -> tuple[bool, dict[str, Tree], list[str]]:
    """Whether it is one of our own exports, the actor as a pack file would hold it, what had to be filled in."""
    organization: Object = service.get("organization", {})
    identifiers = organization.get("organization_identifiers", [])
    identifier = next((one["identifier"] for one in identifiers if one["identifier_type"] == IDENTIFIER), "")
    if identifier:
        return True, _own(service, organization, identifier), []
    return False, *_foreign(service, organization, f"HSDS: {file}")


def _own(service: Object, organization: Object, identifier: str) -> dict[str, Tree]:
    """What we exported, as it was."""
    attributes = [*service.get("attributes", []), *organization.get("attributes", [])]
    return {
        "id": identifier.rpartition("/")[2],
        "name": service["name"],
        "short": service.get("alternate_name", ""),
        "kind": "+".join(_code(one) for one in _linked(attributes, "kind")),
        "audiences": [_code(one) for one in _linked(attributes, "audience")],
        "aliases": [one.get("value", "") for one in _linked(attributes, "alias")],
        "does": {_code(one): one.get("value", "") for one in _linked(attributes, "does")},
        "first_step": {_code(one): one.get("value", "") for one in _linked(attributes, "first_step")},
        "have_ready": _gathered((_code(one), one.get("value", "")) for one in _linked(attributes, "have_ready")),
        "eligibility": _gathered(
            tuple(str(one.get("value", "")).split("=", 1)) for one in _linked(attributes, "eligibility")
        ),
        "facts": sorted([*_told(_objects(service)), *_hours(service)], key=lambda fact: KINDS.index(str(fact["kind"]))),
    }


def _foreign(service: Object, organization: Object, source: str) -> tuple[dict[str, Tree], list[str]]:
    """What others say, and a sentence for each thing that every actor needs and they do not say."""
    name = str(service["name"])
    short = str(service.get("alternate_name", name))
    does = str(service.get("description") or organization.get("description") or name)
    step = str(service.get("application_process", ""))
    facts = [*_told([*_fields(service, organization), *_objects(service), *_objects(organization)]), *_hours(service)]
    checked = _day(service.get("assured_date")) or _day(service.get("last_modified")) or "unknown"
    everybody: dict[str, Tree] = {audience.value: does for audience in Audience}
    tree: dict[str, Tree] = {
        "id": _slug(name),
        "name": name,
        "short": short if len(short) <= LABEL else f"{short[: LABEL - 1].rstrip()}…",
        "kind": UNKNOWN,
        "audiences": list(Audience),
        "does": everybody,
        "first_step": {audience: step for audience in everybody if step},
        "facts": _undoubled([{**fact, "source": source, "as_of": checked} for fact in facts]),
    }
    return tree, [
        "the file does not say what kind of office this is; replace 'unknown' in kind",
        "the file does not say whom this is for; entered for everybody, please check audiences",
        "the description serves as the text for everybody; please write one for each audience in does",
    ]


Told = tuple[str, Object, str, str]
"""The kind of a fact, the object that stands for it, its value, its label."""


def _objects(owner: Object) -> Iterator[Told]:
    """Facts for which HSDS has an object each. A price without its terms would mislead, so only ours are read."""
    places = [at for at in owner.get("service_at_locations", []) if "location" in at]
    for one in (phone for holder in (owner, *places) for phone in holder.get("phones", [])):
        yield "phone", one, one["number"], one.get("description", "")
    for one in owner.get("contacts", []):
        yield "email", one, one.get("email", ""), one.get("department", "")
    for one in (*owner.get("additional_urls", []), *owner.get("additional_websites", [])):
        yield "web", one, one["url"], one.get("label", "")
    for one in (at["location"] for at in places):
        yield "address", one, _address(one), one.get("name", "")
    for one in owner.get("languages", []):
        yield "language", one, one.get("name") or one.get("note", ""), ""
    for one in (cost for cost in owner.get("cost_options", []) if "provenance" in cost):
        yield "cost", one, one.get("amount_description", ""), one.get("option", "")
    for kind in TEXTUAL:
        for one in _linked(owner.get("attributes", []), kind):
            yield kind, one, one.get("value", ""), one.get("label", "")


def _fields(service: Object, organization: Object) -> Iterator[Told]:
    """Facts that others tell in a field of the service or its organization."""
    for owner in (service, organization):
        yield "email", {}, owner.get("email", ""), ""
        yield "web", {}, owner.get("url") or owner.get("website", ""), ""
    yield "limit", {}, service.get("eligibility_description", ""), ""
    yield "cost", {}, service.get("fees_description", ""), ""


def _told(found: Iterable[Told]) -> Iterator[dict[str, Tree]]:
    return (_fact(*told) for told in found if told[2])


def _fact(kind: str, one: Object, value: str, label: str) -> dict[str, Tree]:
    """A fact, with its provenance if it is one of ours. The mailbox of somebody who is named is personal."""
    ours = one.get("provenance")
    told: Object = ours if isinstance(ours, dict) else {}
    written = str(told.get("written", ""))
    if written and kind == "web" and web(written) == value:
        value = written
    if ours is None and len(label) > LABEL:
        label = ""  # a description rather than a label
    fact: dict[str, Tree] = {"kind": kind, "value": value, "label": told.get("label", label)}
    fact |= {key: told[key] for key in ("source", "as_of", "valid_until", "audiences") if key in told}
    fact |= {"unsure": "true"} if told.get("unsure") else {}
    return fact | ({"personal": "true"} if kind == "email" and "name" in one else {})


def _undoubled(facts: Iterable[dict[str, Tree]]) -> list[Tree]:
    """Each value of a kind once, as it is told first."""
    first: dict[tuple[str, str], Tree] = {}
    for fact in facts:
        first.setdefault((str(fact["kind"]), str(fact["value"])), fact)
    return [*first.values()]


def _hours(service: Object) -> Iterator[dict[str, Tree]]:
    """Schedules with the same text are lines of one fact."""
    facts: list[tuple[dict[str, Tree], list[Tree]]] = []
    for one in service.get("schedules", []):
        opens: list[Tree] = [*_opens(one)]
        value = one.get("description") or ", ".join(map(str, opens))
        fact = _fact("hours", one, value, one.get("notes", ""))
        if facts and facts[-1][0] == fact:
            facts[-1][1].extend(opens)
        elif value:
            facts.append((fact, opens))
    return ({**fact, "opens": opens} for fact, opens in facts)


def _opens(one: Object) -> Iterator[str]:
    """ "Mo-Do 09:00-17:00" for each run of days; nothing for a rule that is not weekly or on another clock."""
    begin, end = (_TIME.fullmatch(str(one.get(key, ""))) for key in ("opens_at", "closes_at"))
    days = [DAYS.index(day) for day in str(one.get("byday", "")).split(",") if day in DAYS]
    if (
        not begin
        or not end
        or one.get("freq", "WEEKLY") != "WEEKLY"
        or one.get("interval", 1) != 1
        or "timezone" in one
    ):
        return
    runs: list[list[int]] = []
    for day in days:
        if runs and day == runs[-1][-1] + 1:
            runs[-1].append(day)
        else:
            runs.append([day])
    for run in runs:
        names = hours.DAYS[run[0]] if len(run) == 1 else f"{hours.DAYS[run[0]]}-{hours.DAYS[run[-1]]}"
        yield f"{names} {begin[1]}-{end[1]}"


def _address(location: Object) -> str:
    """The first address in one line; what we exported ourselves as it was written."""
    for one in location.get("addresses", []):
        return f"{one['address_1']}, {one['postal_code']} {one['city']}"
    return str(location.get("description", "")) if "provenance" in location else ""


def _linked(attributes: Iterable[Object], link_type: str) -> Iterator[Object]:
    return (one for one in attributes if one.get("link_type") == link_type)


def _code(attribute: Object) -> str:
    return str(attribute.get("taxonomy_term", {}).get("code", ""))


def _gathered(pairs: Iterable[Sequence[str]]) -> dict[str, Tree]:
    found: dict[str, list[Tree]] = {}
    for key, *values in pairs:
        found.setdefault(key, []).extend(values)
    return dict(found)


def _without_null(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    """What others write as null is absent."""
    return {key: value for key, value in pairs if value is not None}


def _slug(name: str) -> str:
    plain = unicodedata.normalize("NFKD", name.lower().translate(_UMLAUTS)).encode("ascii", "ignore").decode()
    return re.sub(r"[^a-z0-9]+", "-", plain).strip("-")


def _day(value: object) -> str:
    """The date of an HSDS date or time, as far as it is given."""
    match = re.match(r"(19|20)\d\d(-\d\d(-\d\d)?)?(?=T|$)", str(value))
    return match[0] if match and DATE.fullmatch(match[0]) else ""


def _line(text: str, service: Object) -> int:
    """Where the service's id stands."""
    at = text.find(f'"{service.get("id", "")}"')
    return text[: max(at, 0)].count("\n") + 1
