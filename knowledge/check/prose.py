"""The German that users read, passage by passage: what kind of text it is, and where it stands."""

from collections.abc import Iterator
from dataclasses import dataclass

from knowledge.model import Actor, Outcome, Pack, Question, Wording
from knowledge.origin import leaves
from knowledge.resolve import Resolver

Path = tuple[str | int, ...]


@dataclass(frozen=True, slots=True)
class Passage:
    """One text in one form of address."""

    kind: str
    text: str
    file: str
    line: int


def passages(resolver: Resolver) -> Iterator[Passage]:
    """Every text of the region of *resolver* that users read, those of its parents included; none twice."""
    pack = resolver.pack()
    told = set()
    for key, path, kind, text in _all(pack):
        document, start = resolver.places[key]
        told.add(Passage(kind, text, document.file, document.line((*start, *path))))
    for folder in resolver.line:
        if own := folder.within("texts").get("de"):
            told.update(Passage("text", text, own.file, own.line(path)) for path, text in leaves(own.tree))
    yield from sorted(told, key=lambda one: (one.file, one.line, one.text))


def _all(pack: Pack) -> Iterator[tuple[str, Path, str, str]]:
    """(key of its place, path in it, kind, text)"""
    for actor in pack.actors.values():
        yield from ((f"actor/{actor.id}", *rest) for rest in _actor(actor))
    for concern in pack.concerns.values():
        yield from ((f"concern/{concern.id}", ("plain",), "plain", text) for text in _forms(concern.plain))
    for question in pack.questions.values():
        yield from ((f"question/{question.id}", *rest) for rest in _question(question))
    for flow in pack.flows.values():
        for node in flow.nodes.values():
            parts = _question(node) if isinstance(node, Question) else _outcome(node)
            yield from ((f"node/{flow.id}/{node.id}", *rest) for rest in parts)
    for answer in pack.answers:
        yield f"answer/{answer.id}", ("question",), "question", answer.question
        yield from ((f"answer/{answer.id}", ("text",), "answer", text) for text in _forms(answer.text))
    for concern_id, lists in pack.referrals.items():
        for audience, entries in lists.items():
            for index, entry in enumerate(entries):
                yield f"referral/{concern_id}", (audience.value, index, "why"), "why", entry.why


def _actor(actor: Actor) -> Iterator[tuple[Path, str, str]]:
    for name in ("does", "first_step"):
        for audience, text in getattr(actor, name).items():
            yield (name, audience.value), name, text
    for audience, lines in actor.have_ready.items():
        for index, text in enumerate(lines):
            yield ("have_ready", audience.value, index), "have_ready", text


def _question(question: Question) -> Iterator[tuple[Path, str, str]]:
    for name in ("text", "why"):
        for text in _forms(getattr(question, name)):
            yield (name,), "question" if name == "text" else "why", text
    for index, option in enumerate(question.options):
        for text in _forms(option.label):
            yield ("options", index, "label"), "label", text


def _outcome(outcome: Outcome) -> Iterator[tuple[Path, str, str]]:
    for name in ("advice", "deadline", "note"):
        for text in _forms(getattr(outcome, name)):
            yield (name,), name, text
    for index, document in enumerate(outcome.documents):
        for text in _forms(document):
            yield ("documents", index), "documents", text


def _forms(wording: Wording | None) -> Iterator[str]:
    if wording is not None:
        yield from dict.fromkeys((wording.sie, wording.du))
