"""Actors with any text in any field, as a pack may hold them."""

from collections.abc import Mapping
from dataclasses import replace

from hypothesis import HealthCheck, assume, settings
from hypothesis import strategies as st

from bot.exchange.admit import OWNERS, admit, fault
from bot.exchange.shared import KINDS, shared
from knowledge.check.checker import DATE
from knowledge.check.directory import FORMATS
from knowledge.model import Actor, Audience, Pack
from knowledge.source import Tree

TRIED = settings(max_examples=60, deadline=None, suppress_health_check=list(HealthCheck))
TEXT = st.text(st.characters(codec="utf-8"), min_size=1, max_size=30)
SLUG = st.from_regex(r"[a-z0-9]{1,8}(-[a-z0-9]{1,4})?", fullmatch=True)
TRICKY = st.sampled_from(
    ["=1+1", "'=x", "+49 231", "@a", "a | b", "a\\|b", "\\n", "a\nb", "a;b,c", '"', "label=x", "#x"]
)
SAID = st.one_of(TEXT, TRICKY)
AUDIENCES = st.lists(st.sampled_from(Audience), unique=True, max_size=3)
OPENS = st.sampled_from(
    ["Mo-Do 09:00-17:00", "Fr 09:00-13:00", "Mo-So 00:00-24:00", "Di 08:30-12:00", "Sa-So 10:00-24:00"]
)


@st.composite
def facts(draw: st.DrawFn) -> dict[str, Tree]:
    kind = draw(st.sampled_from(KINDS))
    value = draw(st.from_regex(FORMATS[kind][0], fullmatch=True) if kind in FORMATS else SAID)
    fact: dict[str, Tree] = {"kind": kind, "value": value, "label": draw(st.one_of(st.just(""), SAID))}
    fact["as_of"] = draw(st.from_regex(DATE, fullmatch=True))
    fact["valid_until"] = draw(st.sampled_from(["", "2027", "2027-07-31"]))
    fact["source"] = [*draw(st.lists(SAID, min_size=1, max_size=3))]
    fact["audiences"] = [*draw(AUDIENCES)]
    fact["unsure"] = draw(st.sampled_from(["true", "false"]))
    return {**fact, "opens": [*draw(st.lists(OPENS, max_size=3, unique=True))]} if kind == "hours" else fact


@st.composite
def actors(draw: st.DrawFn) -> Actor:
    served = draw(st.lists(st.sampled_from(Audience), unique=True, min_size=1))
    per: st.SearchStrategy[Mapping[str, object]] = st.dictionaries(st.sampled_from(Audience), SAID)
    tree = {
        "id": draw(SLUG),
        "name": draw(SAID),
        "short": draw(SAID),
        "kind": "+".join(draw(st.lists(st.sampled_from(OWNERS), min_size=1, max_size=2, unique=True))),
        "audiences": served,
        "aliases": draw(st.lists(SAID, max_size=2)),
        "does": {audience: draw(SAID) for audience in served},
        "first_step": draw(per),
        "have_ready": draw(st.dictionaries(st.sampled_from(Audience), st.lists(SAID, min_size=1, max_size=2))),
        "eligibility": draw(st.dictionaries(SLUG, st.lists(SLUG, min_size=1, max_size=2), max_size=2)),
        "facts": draw(st.lists(facts(), max_size=5)),
    }
    incoming, _ = admit(tree, "file", 1)  # type: ignore[arg-type]
    assume(incoming is not None)
    assert incoming is not None
    actor = incoming.actor
    texts = (*actor.aliases, *actor.first_step.values(), *(one for many in actor.have_ready.values() for one in many))
    assume(all(texts) and not any(map(fault, actor.facts)))
    return shared(actor)


def alone(pack: Pack, actor: Actor) -> Pack:
    """*pack* with nobody in it but *actor*."""
    return replace(pack, actors={actor.id: actor}, origin={f"actor/{actor.id}": f"{pack.id}/actors/{actor.id}.yaml:1"})
