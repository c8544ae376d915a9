"""Knowledge: all that one running bot knows, ready to be asked."""

from collections.abc import Mapping
from dataclasses import dataclass

from knowledge.answers import ShortAnswers
from knowledge.cues import Cues
from knowledge.danger.late import LateGate
from knowledge.model import Audience, Pack
from knowledge.search import Search
from knowledge.search.names import Names
from knowledge.texts import Texts


@dataclass(frozen=True, slots=True, kw_only=True, repr=False)
class Knowledge:
    """Immutable. *learned* stands for what the search was fitted to, "" if nobody knows. *packs* is keyed by (region,
    language); *words* by the words of a whole message; *places* by region and the question that a name answers: the
    schools and the districts of those regions that have any."""

    version: str
    learned: str
    regions: tuple[str, ...]
    languages: tuple[str, ...]
    packs: Mapping[tuple[str, str], Pack]
    texts: Mapping[str, Texts]
    words: Mapping[tuple[str, ...], str]
    joints: frozenset[str]
    contact_words: frozenset[str]
    answers: Mapping[str, ShortAnswers]
    cues: Mapping[tuple[str, Audience | None], Cues]
    search: Search
    names: Mapping[str, Names]
    places: Mapping[tuple[str, str], Names]
    gate: LateGate

    def __repr__(self) -> str:
        return f"Knowledge({self.version!r})"

    def pack(self, region: str, language: str) -> Pack:
        """The pack of *region*, in German where *language* is not offered."""
        return self.packs.get((region, language)) or self.packs[region, "de"]
