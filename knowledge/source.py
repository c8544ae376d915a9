"""YAML files as plain text values with line numbers: the only place that reads YAML.

Every scalar stays text, because YAML 1.1 would read 0231123 as 78419 and 12:30 as 750. Anchors, aliases, tags and
duplicate keys are refused: a reader of the file must see what holds. Limits: 1 MiB a file, depth 32.
"""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Union

import yaml

MAX_BYTES = 1024 * 1024  # the largest shipped file is a tenth of this
MAX_DEPTH = 32  # the deepest shipped file nests 7 levels

Tree = Union[str, "list[Tree]", "dict[str, Tree]"]  # `type` statements need Python 3.12


@dataclass(frozen=True, slots=True, order=True)
class Problem:
    """One thing in one place: `file:line: sentence`. A warning stops nothing; a hint says what could be better."""

    file: str
    line: int
    text: str
    warning: bool = False
    hint: bool = False

    @property
    def level(self) -> str:
        return "hint" if self.hint else "warning" if self.warning else "error"

    def __str__(self) -> str:
        return f"{self.file}:{self.line}: {self.text}"


@dataclass(frozen=True, slots=True)
class Document:
    """The content of one file. *lines* maps the path of every key and item to its line, counted from 1."""

    file: str
    tree: Tree
    lines: dict[tuple[str | int, ...], int]

    def line(self, path: tuple[str | int, ...]) -> int:
        """The line of *path*, or of its nearest parent that is in the file."""
        while path and path not in self.lines:
            path = path[:-1]
        return self.lines.get(path, 1)


class _RefusedError(Exception):
    def __init__(self, line: int, text: str) -> None:
        super().__init__(text)
        self.line = line
        self.text = text


Parser = Callable[[str, str], tuple[Document | None, list[Problem]]]


def read(
    path: Path, name: str, *, parser: Parser | None = None, limit: int = MAX_BYTES
) -> tuple[Document | None, list[Problem]]:
    """The document in *path*, called *name* in messages; None if it cannot be used, and why."""
    try:
        raw = path.read_bytes()
    except OSError as error:
        return None, [Problem(name, 1, f"cannot be read: {error.strerror}")]
    if len(raw) > limit:
        return None, [Problem(name, 1, f"has {len(raw)} bytes; at most {limit} are allowed: split the file")]
    try:
        return (parser or parse)(raw.decode("utf-8"), name)
    except UnicodeDecodeError as error:
        line = raw[: error.start].count(b"\n") + 1
        return None, [Problem(name, line, "is not UTF-8 text here; save the file as UTF-8")]


def parse(text: str, name: str) -> tuple[Document | None, list[Problem]]:
    """Like read(), from text."""
    reader = _Reader(name)
    try:
        tree = reader.document(yaml.parse(text, Loader=yaml.CBaseLoader))
    except yaml.MarkedYAMLError as error:
        line = error.problem_mark.line + 1 if error.problem_mark else 1
        return None, [*reader.problems, Problem(name, line, f"is not valid YAML: {_plain(error)}")]
    except yaml.YAMLError as error:
        return None, [*reader.problems, Problem(name, 1, f"is not valid YAML: {error}")]
    except _RefusedError as error:
        return None, [*reader.problems, Problem(name, error.line, error.text)]
    return Document(name, tree, reader.lines), reader.problems


Span = tuple[int, int]
"""Where something stands in a text: from this letter to before that one."""


def spans(text: str) -> tuple[dict[tuple[str | int, ...], Span], dict[tuple[str | int, ...], Span]]:
    """Where every value and every key of a document without errors stands, quotation marks included.

    A block ends where the last value in it ends.
    """
    events = yaml.parse(text, Loader=yaml.CBaseLoader)
    shift = text.startswith("\ufeff")  # libyaml does not count the mark at the beginning of a file
    values: dict[tuple[str | int, ...], Span] = {}
    keys: dict[tuple[str | int, ...], Span] = {}

    def place(event: yaml.Event) -> Span:
        first, last = event.start_mark, event.end_mark
        return (first.index + shift if first else 0), (last.index + shift if last else 0)

    def node(event: yaml.Event, path: tuple[str | int, ...]) -> int:
        start, end = place(event)
        count = 0
        if isinstance(event, yaml.CollectionStartEvent):
            for child in events:
                if isinstance(child, yaml.CollectionEndEvent):
                    end = place(child)[1] if event.flow_style else end
                    break
                if isinstance(event, yaml.SequenceStartEvent):
                    end = node(child, (*path, count))
                elif isinstance(child, yaml.ScalarEvent):
                    keys[*path, child.value] = place(child)
                    end = node(next(events), (*path, child.value))
                count += 1
        values[path] = start, end
        return end

    for event in events:
        if isinstance(event, yaml.NodeEvent):
            node(event, ())
    return values, keys


def _plain(error: yaml.MarkedYAMLError) -> str:
    text = error.problem or "cannot be understood"
    if "\\t" in text or "'\t'" in text:
        return "a tab stands where only spaces are allowed; replace it by spaces"
    return text


def _line(event: yaml.Event) -> int:
    return event.start_mark.line + 1 if event.start_mark else 1


class _Reader:
    def __init__(self, name: str) -> None:
        self.name = name
        self.lines: dict[tuple[str | int, ...], int] = {}
        self.problems: list[Problem] = []

    def document(self, events: Iterator[yaml.Event]) -> Tree:
        for event in events:
            if isinstance(event, yaml.StreamStartEvent | yaml.DocumentStartEvent):
                continue
            if isinstance(event, yaml.StreamEndEvent):
                raise _RefusedError(1, "is empty; delete it or fill it")
            tree = self.node(event, events, ())
            for rest in events:
                if isinstance(rest, yaml.DocumentStartEvent):
                    raise _RefusedError(_line(rest), "has a second document ('---'); one a file is allowed")
            return tree
        raise _RefusedError(1, "is empty; delete it or fill it")

    def node(self, event: yaml.Event, events: Iterator[yaml.Event], path: tuple[str | int, ...]) -> Tree:
        line = _line(event)
        self.lines.setdefault(path, line)
        if len(path) > MAX_DEPTH:
            raise _RefusedError(line, f"is nested deeper than {MAX_DEPTH} levels")
        if isinstance(event, yaml.AliasEvent):
            raise _RefusedError(line, f"uses the alias '*{event.anchor}'; aliases are not allowed: write the value out")
        if anchor := getattr(event, "anchor", None):
            raise _RefusedError(line, f"sets the anchor '&{anchor}'; anchors are not allowed")
        if (tag := getattr(event, "tag", None)) not in (None, "!"):
            raise _RefusedError(line, f"uses the tag {tag}; tags are not allowed")
        if isinstance(event, yaml.ScalarEvent):
            return str(event.value)
        if isinstance(event, yaml.SequenceStartEvent):
            return self.sequence(events, path)
        return self.mapping(events, path)

    def sequence(self, events: Iterator[yaml.Event], path: tuple[str | int, ...]) -> Tree:
        items: list[Tree] = []
        for event in events:
            if isinstance(event, yaml.SequenceEndEvent):
                break
            items.append(self.node(event, events, (*path, len(items))))
        return items

    def mapping(self, events: Iterator[yaml.Event], path: tuple[str | int, ...]) -> Tree:
        items: dict[str, Tree] = {}
        for event in events:
            if isinstance(event, yaml.MappingEndEvent):
                break
            line = _line(event)
            if not isinstance(event, yaml.ScalarEvent):
                raise _RefusedError(line, "has a key that is not a plain word")
            key = str(event.value)
            if key in items:
                first = self.lines[(*path, key)]
                self.problems.append(Problem(self.name, line, f"has the key '{key}' twice (first in line {first})"))
            self.lines.setdefault((*path, key), line)
            items[key] = self.node(next(events), events, (*path, key))
        return items
