"""What the bot knows, as values: actors, concerns, questions, flows, referrals, and the pack that holds them.

Nothing here reads a file, a clock or a setting. The types are also the schema of the pack files (knowledge.schema).
"""

from collections.abc import Container, Mapping
from dataclasses import dataclass, field
from datetime import date
from enum import StrEnum
from typing import TYPE_CHECKING, Annotated, Any, Literal

from pydantic import BeforeValidator, ConfigDict

if TYPE_CHECKING:  # they are made of what stands here
    from knowledge.dates import Date
    from knowledge.districts import District
    from knowledge.schools import School

UNSURE = "weiss-nicht"
"""The option every question has; as an answer it excludes nobody."""

DANGER = "akute-gefahr"
"""The concern whose referral begins with the emergency numbers."""

OUT_OF_SCOPE = "sonstiges"
"""The concern of messages that are none of ours."""


VALID_MONTHS = 12
"""How long a fact holds after its as_of, where neither it nor its pack says otherwise: the directory's own rule."""


class Audience(StrEnum):
    """Who asks; decides the address (Sie/du), the flow and who is responsible."""

    TEACHER = "teacher"
    PARENT = "parent"
    STUDENT = "student"
    COORDINATOR = "coordinator"


class Urgency(StrEnum):
    """How soon the first contact should happen."""

    NOW = "now"
    SOON = "soon"
    ROUTINE = "routine"


class Strict:
    """Base of everything that is read from a file: an unknown key is an error."""

    __slots__ = ()
    __pydantic_config__ = ConfigDict(extra="forbid", str_strip_whitespace=True)


@dataclass(frozen=True, slots=True)
class Wording(Strict):
    """One text in both forms of address: *sie* for adults, *du* for pupils."""

    sie: str
    du: str

    def to(self, audience: Audience | None) -> str:
        return self.du if audience is Audience.STUDENT else self.sie


def _wording(value: Any) -> Any:
    return {"sie": value, "du": value} if isinstance(value, str) else value


def _several(value: Any) -> Any:
    return (value,) if isinstance(value, str) else value


def _per_audience(value: Any) -> Any:
    return dict.fromkeys(Audience, value) if isinstance(value, list) else value


Text = Annotated[Wording, BeforeValidator(_wording, json_schema_input_type=str | Wording)]
Several = Annotated[tuple[str, ...], BeforeValidator(_several, json_schema_input_type=str | tuple[str, ...])]
PerAudience = Annotated[
    Mapping[Audience, tuple[str, ...]],
    BeforeValidator(_per_audience, json_schema_input_type=tuple[str, ...] | Mapping[Audience, tuple[str, ...]]),
]

FactKind = Literal[
    "role",
    "limit",
    "phone",
    "email",
    "web",
    "address",
    "hours",
    "cost",
    "language",
    "confidentiality",
    "person",
    "caveat",
]


@dataclass(frozen=True, slots=True, kw_only=True)
class Fact(Strict):
    """One statement about an actor, with its origin.

    `as_of` is YYYY, YYYY-MM, YYYY-MM-DD or "unknown"; `valid_until` replaces the pack's rule of how long it holds.
    Facts of one actor with the same kind and label are versions of one fact. `opens` is the machine form of hours
    ("Mo-Do 09:00-17:00").
    """

    kind: FactKind
    value: str
    source: Several
    as_of: str
    label: str = ""
    note: str = ""
    valid_until: str = ""
    opens: tuple[str, ...] = ()
    audiences: tuple[Audience, ...] = ()
    personal: bool = False
    unsure: bool = False
    internal: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Actor(Strict):
    """An office, service or person in charge: what HSDS calls an organization with its service."""

    id: str
    name: str
    short: str
    kind: str
    audiences: tuple[Audience, ...]
    does: Mapping[Audience, str]
    facts: tuple[Fact, ...]
    aliases: tuple[str, ...] = ()
    first_step: Mapping[Audience, str] = field(default_factory=dict)
    have_ready: PerAudience = field(default_factory=dict)
    eligibility: Mapping[str, tuple[str, ...]] = field(default_factory=dict)

    def of_kind(self, kind: str, audience: Audience | None = None) -> tuple[Fact, ...]:
        """Facts of *kind* that may be shown to *audience*, in the order of the file."""
        return tuple(
            fact
            for fact in self.facts
            if fact.kind == kind
            and not fact.internal
            and (audience is None or not fact.audiences or audience in fact.audiences)
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class Concern(Strict):
    """What somebody needs help with: a term of the closed list in the packs."""

    id: str
    label: str
    plain: Text
    urgency: Urgency
    synonyms: tuple[str, ...] = ()
    flows: Mapping[Audience, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True, kw_only=True)
class Option(Strict):
    """One possible answer. *to* names the next question or outcome; it is empty in a shared question."""

    id: str
    label: Text
    to: str = ""
    cues: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Question(Strict):
    """A guiding question; its id means the same in every flow."""

    id: str
    text: Text
    why: Text
    options: tuple[Option, ...]

    def option(self, option_id: str) -> Option | None:
        return next((option for option in self.options if option.id == option_id), None)


@dataclass(frozen=True, slots=True, kw_only=True)
class Legal(Strict):
    """A legal basis, with its source."""

    text: str
    source: Several
    as_of: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Outcome(Strict):
    """The end of a flow: the next step, and the concern from which the city's referrals follow."""

    id: str
    concern: str
    urgency: Urgency
    advice: Text
    documents: tuple[Text, ...] = ()
    deadline: Text | None = None
    legal: tuple[Legal, ...] = ()
    note: Text | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Flow(Strict):
    """A guideline as data. *nodes* holds every question and outcome by id; the graph has no loop."""

    id: str
    title: Text
    audiences: tuple[Audience, ...]
    start: str
    nodes: Mapping[str, Question | Outcome]


@dataclass(frozen=True, slots=True, kw_only=True)
class Referral(Strict):
    """One line of a city's list: this actor, for this reason; *when* restricts it to given answers."""

    actor: str
    why: str
    when: Mapping[str, tuple[str, ...]] = field(default_factory=dict)


@dataclass(frozen=True, slots=True, kw_only=True)
class Source(Strict):
    """Where a statement comes from."""

    source: Several
    as_of: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Answer(Strict):
    """A short answer to a frequent question."""

    id: str
    concern: str
    audiences: tuple[Audience, ...]
    question: str
    text: Text
    facts: tuple[Source, ...]
    phrases: tuple[str, ...] = ()
    actors: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Pack:
    """Everything one region knows in one language, its parents' knowledge included.

    `origin` names the file of each thing: "actor/kub" → "dortmund/actors/kub.yaml".
    """

    id: str
    name: str
    language: str
    chain: tuple[str, ...]
    place: int
    land: str
    coordination: str
    switchboard: str
    crisis_line: str
    crisis_lines: tuple[str, ...]
    actors: Mapping[str, Actor]
    concerns: Mapping[str, Concern]
    questions: Mapping[str, Question]
    flows: Mapping[str, Flow]
    referrals: Mapping[str, Mapping[Audience, tuple[Referral, ...]]]
    answers: tuple[Answer, ...]
    schools: "Mapping[str, School]" = field(default_factory=dict)
    districts: "Mapping[str, District]" = field(default_factory=dict)
    dates: "Mapping[str, Date]" = field(default_factory=dict)
    holidays: Container[date]
    origin: Mapping[str, str]
    valid_months: int = VALID_MONTHS
