"""JSON Schemas of the pack files, for editors: from the types that read them, with the limits that `check` holds.

Every scalar of a pack is text to us, but `112` or `2022` without quotes is a number to an editor; both are allowed.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from pathlib import PurePosixPath
from typing import Any

from pydantic import TypeAdapter

from knowledge import schema
from knowledge.check.checker import DATE, LABEL, OPTIONS, REASON, SLUG
from knowledge.check.directory import FORMATS
from knowledge.danger.rules import KINDS as DANGERS
from knowledge.danger.rules import Level
from knowledge.model import Actor, Audience, PerAudience, Several, Strict, Text
from knowledge.texts import Texts

Json = dict[str, Any]


@dataclass(frozen=True, slots=True, kw_only=True)
class SharedQuestion(Strict):
    """A question of questions.yaml; here only where each of its options leads."""

    id: str
    shared: bool
    to: Mapping[str, str]


@dataclass(frozen=True, slots=True, kw_only=True)
class Translated(Strict):
    """The wording of one thing; `of` is the short hash of the German it was made from."""

    of: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class TranslatedConcern(Translated):
    """One concern in another language."""

    id: str
    label: str = ""
    plain: Text | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class TranslatedQuestion(Translated):
    """One question in another language: option id → label."""

    id: str
    text: Text | None = None
    why: Text | None = None
    options: Mapping[str, Text] = field(default_factory=dict)


@dataclass(frozen=True, slots=True, kw_only=True)
class TranslatedOutcome(Translated):
    """One outcome in another language."""

    id: str
    advice: Text | None = None
    documents: tuple[Text, ...] = ()
    deadline: Text | None = None
    note: Text | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class TranslatedFlow(Translated):
    """One guideline in another language."""

    title: Text | None = None
    questions: tuple[TranslatedQuestion, ...] = ()
    outcomes: tuple[TranslatedOutcome, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class TranslatedActor(Translated):
    """One actor in another language."""

    short: str = ""
    does: Mapping[Audience, str] = field(default_factory=dict)
    first_step: Mapping[Audience, str] = field(default_factory=dict)
    have_ready: PerAudience = field(default_factory=dict)


@dataclass(frozen=True, slots=True, kw_only=True)
class TranslatedAnswer(Translated):
    """One short answer in another language."""

    id: str
    question: str = ""
    text: Text | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class TranslatedReferral(Translated):
    """The reasons for one concern in another language: actor id → reason."""

    teacher: Mapping[str, str] = field(default_factory=dict)
    parent: Mapping[str, str] = field(default_factory=dict)
    student: Mapping[str, str] = field(default_factory=dict)
    coordinator: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True, kw_only=True)
class Guard(Strict):
    """Words that take the danger out of a message."""

    id: str
    say: tuple[str, ...]
    example: Several = ()
    counter: Several = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class DangerRule(Strict):
    """Words that mean danger."""

    id: str
    kind: str
    say: tuple[str, ...]
    example: Several
    level: Level = Level.SURE
    unless: tuple[str, ...] = ()
    counter: Several = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class DangerFile(Strict):
    """danger/<language>.yaml: the format is in docs/SAFETY.md."""

    classes: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    parts: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    guards: tuple[Guard, ...] = ()
    topics: tuple[str, ...] = ()
    rules: tuple[DangerRule, ...] = ()
    typos: tuple[str, ...] = ()
    ordinary: tuple[str, ...] = ()
    methods: tuple[str, ...] = ()


KINDS: Mapping[str, tuple[str, Any]] = {
    "pack": ("pack.yaml", schema.PackFile),
    "actor": ("actors/*.yaml", Actor),
    "concerns": ("concerns.yaml", schema.ConcernsFile),
    "questions": ("questions.yaml", schema.QuestionsFile),
    "flow": ("flows/*.yaml", schema.FlowFile),
    "referrals": ("referrals.yaml", schema.ReferralsFile),
    "answers": ("answers.yaml", schema.AnswersFile),
    "words": ("words.yaml", schema.WordsFile),
    "plain": ("plain.yaml", schema.PlainFile),
    "dates": ("dates.yaml", schema.DatesFile),
    "districts": ("districts.yaml", schema.DistrictsFile),
    "texts": ("texts/*.yaml", Texts),
    "examples": ("examples/*/*.yaml", schema.ExamplesFile),
    "failing": ("examples/_failing.yaml", schema.FailingFile),
    "danger": ("danger/*.yaml", DangerFile),
    "i18n-concerns": ("i18n/*/concerns.yaml", tuple[TranslatedConcern, ...]),
    "i18n-questions": ("i18n/*/questions.yaml", tuple[TranslatedQuestion, ...]),
    "i18n-flow": ("i18n/*/flows/*.yaml", TranslatedFlow),
    "i18n-actor": ("i18n/*/actors/*.yaml", TranslatedActor),
    "i18n-answers": ("i18n/*/answers.yaml", tuple[TranslatedAnswer, ...]),
    "i18n-referrals": ("i18n/*/referrals.yaml", Mapping[str, TranslatedReferral]),
}
"""Kind of file → where it stands in a pack, and what it holds."""


def kind_of(relative: str) -> str | None:
    """The kind of the file at *relative* ("actors/kub.yaml") within a pack."""
    path = PurePosixPath(relative)
    fitting = (kind for kind, (glob, _) in KINDS.items() if len(path.parts) == glob.count("/") + 1 and path.match(glob))
    return next(fitting, None)


def schemas() -> dict[str, Json]:
    """The JSON Schema of every kind of file."""
    return {kind: _schema(kind) for kind in KINDS}


def _schema(kind: str) -> Json:
    _, shape = KINDS[kind]
    made = _plain(TypeAdapter(shape).json_schema())
    named = {**made.get("$defs", {}), kind: made}
    for name, definition in named.items():
        for key, value in definition.get("properties", {}).items():
            for among in (name, "*"):
                _narrow(value, LIMITS.get((among, key), {}))
    refine = REFINED.get(kind)
    if refine:
        refine(made, named)
    return {"$schema": "https://json-schema.org/draft/2020-12/schema", "title": f"Schullotse: {kind}", **made}


def _plain(node: Any) -> Any:
    """Without defaults, generated titles and null; every text may be a bare number."""
    if isinstance(node, list):
        return [_plain(item) for item in node]
    if not isinstance(node, dict):
        return node
    if "anyOf" in node:
        node = {**node, "anyOf": [item for item in node["anyOf"] if item != {"type": "null"}]}
    found = {
        key: {name: _plain(item) for name, item in value.items()} if key in {"properties", "$defs"} else _plain(value)
        for key, value in node.items()
        if key not in {"default", "title"}
    }
    if found.get("type") == "string" and "enum" not in found:
        found["type"] = ["string", "number"]
    return found


def _narrow(node: Json, limits: Json) -> None:
    """Add *limits* to the text or list in *node*, also where it is one of several shapes."""
    for branch in (node, *node.get("anyOf", ())):
        textual = branch.get("type") == ["string", "number"]
        listed = branch.get("type") == "array"
        for key, value in limits.items():
            if (textual and key in {"pattern", "minLength", "maxLength", "enum"}) or (listed and key == "minItems"):
                branch[key] = value
            if listed and key == "maxItems":
                branch[key] = value


_ID: Json = {"pattern": f"^{SLUG.pattern}$"}
_AS_OF: Json = {"pattern": f"^({DATE.pattern})$"}
_SOURCE: Json = {"minLength": 1, "minItems": 1}
_LABEL: Json = {"minLength": 1, "maxLength": LABEL}

LIMITS: Mapping[tuple[str, str], Json] = {
    **{(name, "as_of"): _AS_OF for name in ("Fact", "Legal", "Source")},
    **{(name, "source"): _SOURCE for name in ("Fact", "Legal", "Source")},
    **{(name, "id"): _ID for name in ("Concern", "Question", "Option", "Outcome", "Answer")},
    **{(name, "label"): _LABEL for name in ("Concern", "Option")},
    ("actor", "short"): _LABEL,
    ("flow", "title"): _LABEL,
    ("actor", "audiences"): {"minItems": 1},
    ("flow", "audiences"): {"minItems": 1},
    ("Answer", "facts"): {"minItems": 1},
    ("Fact", "value"): {"minLength": 1},
    ("Fact", "valid_until"): _AS_OF,
    ("Question", "options"): {"minItems": 2, "maxItems": OPTIONS},
    ("Referral", "why"): {"minLength": 1, "maxLength": REASON},
    ("DangerRule", "kind"): {"enum": list(DANGERS)},
}


def _actor(made: Json, named: Mapping[str, Json]) -> None:
    """The id is the file's name; numbers and addresses look like what they are."""
    del made["properties"]["id"]
    made["required"].remove("id")
    named["Fact"]["allOf"] = [
        {
            "if": {"properties": {"kind": {"const": kind}}},
            "then": {"properties": {"value": {"pattern": f"^({pattern.pattern.replace('a-z', 'a-zA-Z')})$"}}},
        }
        for kind, (pattern, _) in FORMATS.items()
    ] + [{"if": {"required": ["opens"]}, "then": {"properties": {"kind": {"const": "hours"}}}}]


def _flow(made: Json, named: Mapping[str, Json]) -> None:
    """A question is written out, with a target for each option, or shared. Without `start` it is part of a flow."""
    made["if"], made["then"] = {"required": ["start"]}, {"required": made.pop("required")}
    named["Option"]["required"] = [*named["Option"]["required"], "to"]
    shared = _plain(TypeAdapter(SharedQuestion).json_schema())
    made["properties"]["questions"]["items"] = {
        "if": {"required": ["shared"]},
        "then": shared,
        "else": {"$ref": "#/$defs/Question"},
    }


def _referrals(made: Json, _: Mapping[str, Json]) -> None:
    """Somebody is responsible for every audience."""
    made["additionalProperties"]["required"] = list(Audience)
    made["additionalProperties"]["additionalProperties"]["minItems"] = 1


REFINED: Mapping[str, Callable[[Json, Mapping[str, Json]], None]] = {
    "actor": _actor,
    "flow": _flow,
    "referrals": _referrals,
}
