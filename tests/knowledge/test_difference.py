"""Two versions of a pack: everything that differs is told, and nothing else."""

from collections.abc import Iterator
from dataclasses import fields, is_dataclass, replace
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from bot.difference import sentence
from bot.wording import wording
from knowledge.difference import HEAD, compare
from knowledge.flow import paths
from knowledge.model import Audience, Flow, Pack, Question, Wording

PARTS = (*HEAD, "actors", "concerns", "questions", "flows", "referrals", "answers")
SLOW = settings(deadline=None, max_examples=60)  # a large entry takes a while to take apart


def changed(value: Any) -> Iterator[Any]:
    """*value* with one text in it changed, or one thing in it left out; ids and ways through flows stay."""
    match value:
        case Wording(sie, du):
            yield Wording(f"{sie}!", du)
        case Audience():
            return
        case str():
            yield f"{value}x"
        case bool():
            yield not value
        case tuple():
            yield from ((*value[:at], one, *value[at + 1 :]) for at, item in enumerate(value) for one in changed(item))
            if value:
                yield value[:-1]
        case dict():
            yield from ({**value, key: one} for key, item in value.items() for one in changed(item))
            yield from ({key: item for key, item in value.items() if key != left} for left in value)
    if is_dataclass(value) and not isinstance(value, Wording):
        for item in fields(value):
            if item.name not in {"id", "to", "start", "urgency", "nodes"}:
                yield from (replace(value, **{item.name: one}) for one in changed(getattr(value, item.name)))


def test_a_pack_does_not_differ_from_itself(pack: Pack) -> None:
    assert compare(pack, pack) == []


@SLOW
@given(data=st.data())
def test_every_change_of_one_value_is_told_in_a_sentence(pack: Pack, data: st.DataObject) -> None:
    part = data.draw(st.sampled_from([name for name in PARTS if name != "flows"]))
    before = getattr(pack, part)
    if isinstance(before, dict):
        key = data.draw(st.sampled_from(sorted(before)))
        after: Any = {**before, key: data.draw(st.sampled_from(list(changed(before[key]))))}
    else:
        after = data.draw(st.sampled_from(list(changed(before))))
    told = compare(pack, replace(pack, **{part: after}))

    assert told
    assert all(sentence(change, wording("difference")) for change in told)


@SLOW
@given(data=st.data())
def test_every_change_of_a_guideline_is_told_in_a_sentence(pack: Pack, data: st.DataObject) -> None:
    flow = pack.flows[data.draw(st.sampled_from(sorted(pack.flows)))]
    node = flow.nodes[data.draw(st.sampled_from(sorted(flow.nodes)))]
    other = data.draw(st.sampled_from(list(changed(node))))
    nodes = {**flow.nodes, node.id: other}
    told = compare(pack, with_flow(pack, replace(flow, nodes=nodes)))

    assert told
    assert all(sentence(change, wording("difference")) for change in told)


def with_flow(pack: Pack, flow: Flow) -> Pack:
    return replace(pack, flows={**pack.flows, flow.id: flow})


def test_ways_that_end_elsewhere_are_counted_and_named(pack: Pack) -> None:
    flow = pack.flows["schueler"]
    steps, outcome = next(iter(paths(flow)))
    question, option = steps[-1]
    other = next(end for _, end in paths(flow) if end.id != outcome.id)
    options = tuple(replace(one, to=other.id) if one.id == option.id else one for one in question.options)
    turned = replace(flow, nodes={**flow.nodes, question.id: replace(question, options=options)})
    change = next(one for one in compare(pack, with_flow(pack, turned)) if one.kind == "ways-changed")

    assert int(change.values["count"]) == sum(len(way) > 0 and way[-1] == (question, option) for way, _ in paths(flow))
    assert f"{outcome.id} → {other.id}" in change.values["examples"]
    assert "enden jetzt anders" in sentence(change)


def test_another_first_contact_is_told_by_name(pack: Pack) -> None:
    lists = pack.referrals["schulangst"]
    entries = lists[Audience.PARENT]
    turned = {**pack.referrals, "schulangst": {**lists, Audience.PARENT: (entries[1], entries[0], *entries[2:])}}
    told = [sentence(change) for change in compare(pack, replace(pack, referrals=turned))]
    first, second = (pack.actors[entry.actor].short for entry in entries[:2])

    assert told[0] == f"Verweis „Angst vor der Schule“ (Eltern): zuerst jetzt {second} statt {first}"


@pytest.mark.parametrize("key", ["sentences", "words"])
def test_every_word_of_the_sentences_is_german(pack: Pack, key: str) -> None:
    words = wording("difference")
    named = {item.name for kind in (Question, *map(type, pack.actors.values())) for item in fields(kind)}

    assert words[key]
    assert named - {"id"} <= set(words["words"])
