"""What comes in from other systems: from trees of text to actors, held to the rules of the packs."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from knowledge import hours
from knowledge.check.checker import DATE, LABEL, SLUG
from knowledge.check.directory import FORMATS
from knowledge.model import Actor, Audience, Fact
from knowledge.schema import nearest, typed
from knowledge.source import Document, Problem, Tree

OWNERS = ("municipal", "state", "ngo", "school", "medical", "police", "court", "national")
"""Kinds of actors, docs/packs.md; several are joined by "+"."""

UNKNOWN = "unknown"
"""The kind of an actor whose file does not say it: a person has to fill it in."""


@dataclass(frozen=True, slots=True)
class Incoming:
    """An actor from a file, and the line where it begins."""

    actor: Actor
    file: str
    line: int

    def problem(self, text: str, *, warning: bool = False) -> Problem:
        return Problem(self.file, self.line, f"{self.actor.id}: {text}", warning=warning)


def admit(tree: dict[str, Tree], file: str, line: int) -> tuple[Incoming | None, list[Problem]]:
    """*tree* as an actor, its facts not yet judged; None and every reason why not."""
    actor, problems = typed(Actor, tree, Document(file, tree, {(): line}))
    if actor is None:
        return None, problems
    incoming = Incoming(actor, file, line)
    problems += [incoming.problem(text) for text in _faults(actor)]
    return (None, problems) if problems else (incoming, [])


def _faults(actor: Actor) -> Iterator[str]:
    if not SLUG.fullmatch(actor.id):
        yield f"'{actor.id}' is not an id; use lower-case letters a-z, digits and single hyphens"
    if not actor.name:
        yield "has no name; write the office's full name"
    if not 0 < len(actor.short) <= LABEL:
        yield f"short has {len(actor.short)} characters; 1 to {LABEL} are allowed"
    for kind in actor.kind.split("+"):
        if kind not in (*OWNERS, UNKNOWN):
            yield f"kind is '{kind}', but must be one of {', '.join(OWNERS)}{nearest(kind, OWNERS)}"
    if not actor.audiences:
        yield f"serves nobody; name at least one of {', '.join(Audience)}"
    for audience in Audience:
        text = actor.does.get(audience)
        served = audience in actor.audiences and audience is not Audience.COORDINATOR
        if text == "" or (served and text is None):
            yield f"does not say what it does for the audience '{audience}'; one or two short sentences"


def fault(fact: Fact) -> str:
    """Why a pack could not hold *fact* and what would be right, or nothing."""
    name = f"{fact.kind} '{fact.value}'"
    if not fact.value:
        return f"a {fact.kind} is empty; leave unknown facts out"
    if not fact.source or not all(fact.source):
        return f"{name} has no source; say where it was read"
    if not DATE.fullmatch(fact.as_of):
        return f"{name} has as_of '{fact.as_of}'; write YYYY, YYYY-MM, YYYY-MM-DD or unknown"
    if fact.kind in FORMATS and not FORMATS[fact.kind][0].fullmatch(fact.value):
        return f"{name} is not a {fact.kind}; write it like {FORMATS[fact.kind][1]}"
    if fact.opens and fact.kind != "hours":
        return f"{name} has 'opens', which only hours may have"
    try:
        for line in fact.opens:
            hours.parse(line)
    except ValueError as error:
        return str(error)
    return ""


def twice(arrived: Sequence[Incoming]) -> list[Problem]:
    """An id that one file uses for two actors."""
    first: dict[str, int] = {}
    return [
        one.problem(f"stands in line {first[one.actor.id]} already; every actor has its own id")
        for one in arrived
        if first.setdefault(one.actor.id, one.line) != one.line
    ]
