"""What differs between two versions of a region's pack, thing by thing; nothing that differs is left out."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, fields
from typing import Any

from knowledge.flow import paths
from knowledge.model import Actor, Audience, Fact, Flow, Outcome, Pack, Referral, Wording

HEAD = ("name", "land", "coordination", "switchboard", "crisis_line", "crisis_lines")
DEEP = {("actor", "facts"), ("flow", "nodes")}  # compared part by part
SHOWN = 3  # examples of ways that end differently


@dataclass(frozen=True, slots=True)
class Change:
    """One difference. *kind* names the sentence that tells it ("fact-changed"); *values* fill it."""

    kind: str
    id: str
    values: Mapping[str, str]


def compare(old: Pack, new: Pack) -> list[Change]:
    """Every difference, in the order of a pack's parts."""
    return [
        *_fields(("pack", new.id, new.name), old, new, HEAD),
        *_actors(old, new),
        *_things("concern", old.concerns, new.concerns, lambda one: one.label),
        *_things("question", old.questions, new.questions, lambda one: one.text.sie),
        *_flows(old.flows, new.flows),
        *_referrals(old, new),
        *_things("answer", {one.id: one for one in old.answers}, {one.id: one for one in new.answers}, _asked),
    ]


def shown(value: Any) -> str:
    """A value as one line."""
    match value:
        case Wording(sie, du):
            return sie if sie == du else f"{sie} / {du}"
        case str():
            return value
        case Mapping():
            return "; ".join(f"{key}: {shown(item)}" for key, item in value.items())
        case tuple():
            return ", ".join(shown(item) for item in value)
        case None:
            return ""
    if hasattr(value, "__dataclass_fields__"):
        parts = {item.name: shown(getattr(value, item.name)) for item in fields(value)}
        return " ".join(f"{name} {part}" for name, part in parts.items() if part)
    return str(value).lower()


def _asked(answer: Any) -> str:
    return str(answer.question)


def _things(kind: str, old: Mapping[str, Any], new: Mapping[str, Any], label: Any) -> Iterator[Change]:
    """Things with an id: new ones, those that are gone, and changed fields of the others."""
    for key in [*new, *(key for key in old if key not in new)]:
        if key not in old:
            yield Change(f"{kind}-new", key, {"thing": label(new[key])})
        elif key not in new:
            yield Change(f"{kind}-gone", key, {"thing": label(old[key])})
        else:
            names = [item.name for item in fields(new[key]) if (kind, item.name) not in DEEP]
            yield from _fields((kind, key, label(new[key])), old[key], new[key], names)


def _fields(which: tuple[str, str, str], old: Any, new: Any, names: Sequence[str]) -> Iterator[Change]:
    """Each field of *which* (kind, id, name) that differs; a field with parts (a text per audience) part by part."""
    kind, key, thing = which
    for name in names:
        before, after = getattr(old, name), getattr(new, name)
        if before == after:
            continue
        if isinstance(before, Mapping) and isinstance(after, Mapping):
            for part in [*after, *(part for part in before if part not in after)]:
                if before.get(part) != after.get(part):
                    told = {"part": str(part), **_both(before.get(part), after.get(part))}
                    yield Change(f"{kind}-part", key, {"thing": thing, "field": name, **told})
        else:
            yield Change(f"{kind}-field", key, {"thing": thing, "field": name, **_both(before, after)})


def _both(before: Any, after: Any) -> dict[str, str]:
    return {"old": shown(before), "new": shown(after)}


def _actors(old: Pack, new: Pack) -> Iterator[Change]:
    yield from _things("actor", old.actors, new.actors, lambda one: one.short)
    for key, actor in new.actors.items():
        if key in old.actors and old.actors[key].facts != actor.facts:
            yield from _facts(old.actors[key], actor)


def _facts(old: Actor, new: Actor) -> Iterator[Change]:
    """Facts of the same kind and label are versions of one fact."""
    before, after = _grouped(old.facts), _grouped(new.facts)
    for key in [*after, *(key for key in before if key not in after)]:
        one, two = before.get(key, []), after.get(key, [])
        told = {"thing": new.short, "fact": key[0], "label": key[1]}
        if [fact.value for fact in one] != [fact.value for fact in two]:
            kind = "fact-changed" if one and two else "fact-new" if two else "fact-gone"
            values = _both(" / ".join(fact.value for fact in one), " / ".join(fact.value for fact in two))
            yield Change(kind, new.id, {**told, **values})
        if len(one) != len(two):
            continue
        for version, later in zip(one, two, strict=True):
            for item in fields(later):
                values = _both(getattr(version, item.name), getattr(later, item.name))
                if item.name != "value" and getattr(version, item.name) != getattr(later, item.name):
                    yield Change("fact-field", new.id, {**told, "field": item.name, **values})
    if before == after:
        yield Change("facts-order", new.id, {"thing": new.short})


def _grouped(facts: Sequence[Fact]) -> dict[tuple[str, str], list[Fact]]:
    groups: dict[tuple[str, str], list[Fact]] = {}
    for fact in facts:
        groups.setdefault((fact.kind, fact.label), []).append(fact)
    return groups


def _flows(old: Mapping[str, Flow], new: Mapping[str, Flow]) -> Iterator[Change]:
    yield from _things("flow", old, new, lambda one: one.title.sie)
    for key, flow in new.items():
        if key not in old or old[key] == flow:
            continue
        before = old[key]
        for node in [*flow.nodes, *(node for node in before.nodes if node not in flow.nodes)]:
            yield from _nodes(key, flow.title.sie, before.nodes.get(node), flow.nodes.get(node))
        if list(before.nodes) != list(flow.nodes) and set(before.nodes) == set(flow.nodes):
            yield Change("flow-order", key, {"thing": flow.title.sie})
        yield from _ends(before, flow)


def _nodes(key: str, flow: str, before: Any, after: Any) -> Iterator[Change]:
    node = after or before
    told = {"thing": flow, "node": node.id}
    if before is None or after is None or type(before) is not type(after):
        word = "outcome" if isinstance(node, Outcome) else "step"
        yield Change(f"{word}-{'gone' if after is None else 'new'}", key, told)
        return
    for item in fields(after):
        one, two = getattr(before, item.name), getattr(after, item.name)
        if one != two:
            yield Change("node-field", key, {**told, "field": item.name, **_both(one, two)})


def _ends(old: Flow, new: Flow) -> Iterator[Change]:
    """Ways that lead to another outcome, that are new, or that are gone."""
    before, after = _ways(old), _ways(new)
    other = [way for way in after if way in before and before[way][0] != after[way][0]]
    if other:
        examples = "; ".join(f"{after[way][1]}: {before[way][0]} → {after[way][0]}" for way in other[:SHOWN])
        yield Change("ways-changed", new.id, {"thing": new.title.sie, "count": str(len(other)), "examples": examples})
    for kind, count in (("ways-new", len(after.keys() - before)), ("ways-gone", len(before.keys() - after))):
        if count:
            yield Change(kind, new.id, {"thing": new.title.sie, "count": str(count)})


def _ways(flow: Flow) -> dict[tuple[tuple[str, str], ...], tuple[str, str]]:
    """Every way by its questions and options → the outcome, and the way in words."""
    return {
        tuple((question.id, option.id) for question, option in steps): (
            outcome.id,
            " → ".join(option.label.sie for _, option in steps),
        )
        for steps, outcome in paths(flow)
    }


def _referrals(old: Pack, new: Pack) -> Iterator[Change]:
    for concern in [*new.referrals, *(key for key in old.referrals if key not in new.referrals)]:
        named = new.concerns.get(concern) or old.concerns.get(concern)
        for audience in Audience:
            before = old.referrals.get(concern, {}).get(audience, ())
            after = new.referrals.get(concern, {}).get(audience, ())
            told = {"thing": named.label if named else concern, "part": audience.value}
            if before != after:
                yield from _list(concern, told, (before, old), (after, new))


Listed = tuple[tuple[Referral, ...], Pack]


def _list(concern: str, told: Mapping[str, str], before: Listed, after: Listed) -> Iterator[Change]:
    """One list: another first contact, other further ones, or only other reasons and conditions."""
    one, two = ([entry.actor for entry in entries] for entries, _ in (before, after))
    for kind, part in (("referral-first", slice(0, 1)), ("referral-then", slice(1, None))):
        if one[part] != two[part]:
            values = _both(_short(before[1], one[part]), _short(after[1], two[part]))
            yield Change(kind, concern, {**told, **values})
    reasons = {entry.actor: entry for entry in before[0]}
    for entry in after[0]:
        same = reasons.get(entry.actor)
        if same and same.why != entry.why:
            values = {"actor": _short(after[1], [entry.actor]), **_both(same.why, entry.why)}
            yield Change("referral-why", concern, {**told, **values})
        if same and same.when != entry.when:
            values = {"actor": _short(after[1], [entry.actor]), **_both(same.when, entry.when)}
            yield Change("referral-when", concern, {**told, **values})


def _short(pack: Pack, actors: Sequence[str]) -> str:
    return ", ".join(pack.actors[actor].short if actor in pack.actors else actor for actor in actors)
