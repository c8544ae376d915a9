"""What users read: no method word in any reply of any language, and every number with its source."""

from collections.abc import Iterator
from dataclasses import fields

from knowledge.base import Knowledge
from knowledge.danger import lint_reply
from knowledge.folders import SHIPPED, folders
from knowledge.model import Outcome, Pack
from knowledge.texts import Texts


def said(texts: Texts, pack: Pack) -> Iterator[str]:
    """Every text of one language that a user can read."""
    for item in fields(texts):
        wording = getattr(texts, item.name)
        yield from (wording.sie, wording.du)
    for concern in pack.concerns.values():
        yield from (concern.label, concern.plain.sie, concern.plain.du)
    for actor in pack.actors.values():
        yield from (actor.name, *actor.does.values(), *actor.first_step.values())
        yield from (fact.value for fact in actor.facts if not fact.internal)
    for flow in pack.flows.values():
        for node in flow.nodes.values():
            if isinstance(node, Outcome):
                yield from (node.advice.sie, node.advice.du)
            else:
                yield from (node.text.sie, node.text.du, node.why.sie)
                yield from (option.label.sie for option in node.options)
    for answer in pack.answers:
        yield from (answer.text.sie, answer.text.du)
    for lists in pack.referrals.values():
        yield from (entry.why for entries in lists.values() for entry in entries)


def test_no_reply_in_any_language_names_a_method(knowledge: Knowledge) -> None:
    found, _ = folders([SHIPPED])
    rules = {language: document.tree for language, document in found["common"].within("danger").items()}
    for language in knowledge.languages:
        texts = list(said(knowledge.texts[language], knowledge.pack("dortmund", language)))

        assert len(texts) > 1_000
        assert lint_reply(texts, {language: rules[language]}) == []


def test_every_shown_fact_and_answer_has_a_source(pack: Pack) -> None:
    for actor in pack.actors.values():
        assert all(fact.source and all(fact.source) for fact in actor.facts)
    for answer in pack.answers:
        assert answer.facts
        assert all(source.source for source in answer.facts)
