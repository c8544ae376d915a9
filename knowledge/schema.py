"""The typed shape of each pack file: trees of text in, values of knowledge.model out, every problem with its line."""

import difflib
from collections.abc import Hashable, Mapping
from dataclasses import dataclass, field, fields, is_dataclass
from functools import cache
from typing import Annotated, Any, TypeVar, cast, get_args, get_type_hints

from pydantic import Field, TypeAdapter, ValidationError

from knowledge.dates import Date
from knowledge.districts import District
from knowledge.model import Answer, Audience, Concern, Outcome, Question, Referral, Strict, Text
from knowledge.source import Document, Problem, Tree

T = TypeVar("T")


@dataclass(frozen=True, slots=True, kw_only=True)
class PackFile(Strict):
    """pack.yaml."""

    name: str
    extends: str = ""
    place: int = 100  # where the city stands when cities are offered; the first is taken where none was named
    land: str = ""
    coordination: str = ""
    switchboard: str = ""
    crisis_line: str = ""
    crisis_lines: tuple[str, ...] = ()
    valid_months: Annotated[int, Field(ge=1)] | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class FlowFile(Strict):
    """flows/<id>.yaml, its shared questions already filled in."""

    title: Text
    audiences: tuple[Audience, ...]
    start: str
    questions: tuple[Question, ...]
    outcomes: tuple[Outcome, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class PlainFile(Strict):
    """plain.yaml: what makes German hard to read."""

    limits: Mapping[str, int] = field(default_factory=dict)
    better: Mapping[str, str] = field(default_factory=dict)
    known: tuple[str, ...] = ()
    usual: tuple[str, ...] = ()


ConcernsFile = tuple[Concern, ...]
QuestionsFile = tuple[Question, ...]
AnswersFile = tuple[Answer, ...]
ReferralsFile = Mapping[str, Mapping[Audience, tuple[Referral, ...]]]
WordsFile = Mapping[str, Mapping[str, tuple[str, ...]]]
DatesFile = tuple[Date, ...]
DistrictsFile = tuple[District, ...]
ExamplesFile = tuple[str, ...]
FailingFile = Mapping[str, tuple[str, ...]]


@cache
def _adapter(shape: Any) -> TypeAdapter[Any]:
    return TypeAdapter(shape)


def typed(
    shape: type[T], tree: Tree, document: Document, at: tuple[str | int, ...] = ()
) -> tuple[T | None, list[Problem]]:
    """*tree*, which stands at *at* in *document*, as *shape*; None and the problems if it does not fit."""
    try:
        return _adapter(cast(Hashable, shape)).validate_python(tree), []
    except ValidationError as error:
        found = {}
        for detail in error.errors(include_url=False, include_context=True):
            path = at + tuple(part for part in detail["loc"] if not _is_tag(part))
            line = document.line(path)
            found[(line, str(path))] = Problem(document.file, line, _sentence(detail, shape, path))
        return None, list(found.values())


def nearest(word: str, known: Any) -> str:
    """'; did you mean "x"?' for the closest known word, or nothing."""
    close = difflib.get_close_matches(word, [str(item) for item in known], n=1, cutoff=0.6)
    return f"; did you mean '{close[0]}'?" if close else ""


def _is_tag(part: str | int) -> bool:
    return isinstance(part, str) and part in {"[key]", "str", "Wording", "function-before[_wording()"}


def _sentence(detail: Any, shape: Any, path: tuple[str | int, ...]) -> str:
    where = ".".join(str(part) for part in path) or "the file"
    key = str(path[-1]) if path else ""
    match detail["type"]:
        case "missing" | "missing_keyword_only_argument" | "missing_argument":
            parent = ".".join(str(part) for part in path[:-1]) or "the file"
            return f"{parent} lacks the key '{key}'"
        case "extra_forbidden" | "unexpected_keyword_argument":
            return f"unknown key '{where}'{nearest(key, sorted(_keys(shape)))}"
        case "literal_error" | "enum":
            expected = str(detail.get("ctx", {}).get("expected", ""))
            words = [word.strip(" '") for word in expected.replace(" or ", ", ").split(",")]
            given = str(detail["input"])
            return f"{where} is '{given}', but must be one of {', '.join(words)}{nearest(given, words)}"
        case "dataclass_type" | "mapping_type" | "dict_type":
            return f"{where} must be a block of 'key: value' lines"
        case "tuple_type" | "list_type":
            return f"{where} must be a list (lines that start with '- ')"
        case "string_type":
            return f"{where} must be text"
        case "bool_parsing" | "bool_type":
            return f"{where} is '{detail['input']}', but must be true or false"
    return f"{where}: {detail['msg']}"


def _keys(shape: Any) -> set[str]:
    """Every key that a file of this shape may hold, at any depth."""
    found: set[str] = set()
    pending, seen = [shape], set()
    while pending:
        current = pending.pop()
        if str(current) in seen:
            continue
        seen.add(str(current))
        pending.extend(get_args(current))
        if isinstance(current, type) and is_dataclass(current):
            found.update(item.name for item in fields(current))
            pending.extend(get_type_hints(current).values())
    return found
