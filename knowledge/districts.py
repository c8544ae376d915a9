"""Parts of a town: which office is there for whom, by the name of a district or by its postal code."""

from collections.abc import Mapping
from dataclasses import dataclass, field

from knowledge.model import UNSURE, Fact, Option, Question, Strict, Wording
from knowledge.search.names import Names

DISTRICT = "stadtteil"
"""The question that is asked where the referral depends on it. Its options are the districts of the pack."""


@dataclass(frozen=True, slots=True, kw_only=True)
class District(Strict):
    """A part of town. *names* are its quarters and other names; *offices*: how to reach an actor from here.

    The facts of an office take the place of those of the same kind that hold for the whole town.
    """

    id: str
    name: str
    names: tuple[str, ...] = ()
    postcodes: tuple[str, ...] = ()
    offices: Mapping[str, tuple[Fact, ...]] = field(default_factory=dict)


def question(districts: Mapping[str, District], *, text: Wording, why: Wording, unsure: Wording) -> Question:
    """ "Which part of town?" with every district as an option; a postal code is a cue, for it means nothing else."""
    options = [
        Option(id=district.id, label=Wording(district.name, district.name), cues=district.postcodes)
        for district in districts.values()
    ]
    return Question(id=DISTRICT, text=text, why=why, options=(*options, Option(id=UNSURE, label=unsure)))


def index(districts: Mapping[str, District]) -> Names:
    """The names only: a postal code with a slip in it is another one."""
    return Names.build([(district.id, (district.name, *district.names)) for district in districts.values()])
