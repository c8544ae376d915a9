"""The text of an actor's file, in which single values of facts are replaced; every other letter stays as it is."""

import json
from copy import deepcopy
from typing import Any

from knowledge.source import parse, spans

Value = str | list[str]


class PageError(Exception):
    """The file is written in a way that cannot be changed here; the message says why and what would be right."""


class Page:
    """Collects changes of the facts in *text*; `tree` is what must come out. *file* is its name in messages."""

    def __init__(self, text: str, file: str) -> None:
        document, problems = parse(text, file)
        if document is None or problems or not isinstance(document.tree, dict):
            raise PageError(f"{file} cannot be read; run 'schullotse check'")
        self.file = file
        self.tree: dict[str, Any] = deepcopy(document.tree)
        self.facts: list[dict[str, Any]] = self.tree["facts"]
        self._text = text
        self._lines = document.lines
        self._values, self._keys = spans(text)
        self._edits: list[tuple[int, int, str]] = []
        self._gone: list[dict[str, Any]] = []
        self._break = "\r\n" if "\r\n" in text else "\n"

    def place(self, number: int) -> str:
        return f"{self.file}:{self._lines['facts', number]}"

    def put(self, number: int, key: str, value: Value) -> None:
        """Another value for *key* of a fact; a line of its own after `value` if there is none yet."""
        fact = self.facts[number]
        if key not in fact:
            begin, end = self._line_around(self._values["facts", number, "value"][1] - 1)
            indent = " " * (self._keys["facts", number, "value"][0] - begin)
            if self._text[begin:end].count("{"):
                raise self._crowded()
            self._insert(end, [f"{indent}{key}: {_quoted(value, '')}"])
        elif fact[key] != value:
            self._replace(("facts", number, key), value, block=isinstance(fact[key], list))
        fact[key] = value

    def drop(self, number: int, key: str, otherwise: str) -> None:
        """Delete the line of *key* of a fact; where it shares its line with others, it becomes *otherwise*."""
        start = self._keys["facts", number, key][0]
        begin, end = self._line_around(start)
        if self._text[begin:start].strip():
            self.put(number, key, otherwise)
            return
        self._edits.append((begin, end, ""))
        del self.facts[number][key]

    def delete(self, number: int) -> None:
        """Delete a whole fact; comments above it stay."""
        first, last = self._values["facts", number]
        begin, end = self._line_around(first)[0], self._line_around(last - 1)[1]
        if not self._text[begin:end].lstrip().startswith("- "):
            raise self._crowded()
        self._edits.append((begin, end, ""))
        self._gone.append(self.facts[number])

    def add(self, fact: dict[str, Any]) -> None:
        """One more fact, after all others."""
        if not self.facts:
            raise PageError(f"{self.file} has no facts yet; write the first one by hand")
        first, last = self._values["facts", 0][0], self._values[("facts",)][1]
        begin, _ = self._line_around(first)
        dash = self._text[begin:first]
        if dash.strip() != "-":
            raise self._crowded()
        lines = [f"{key}: {_quoted(value, 'k' if key == 'kind' else '')}" for key, value in fact.items()]
        self._insert(self._line_around(last - 1)[1], [dash + lines[0], *(" " * len(dash) + line for line in lines[1:])])
        self.facts.append(fact)

    def written(self) -> str:
        """The new text. PageError unless it says exactly what was wanted, and nothing else has changed."""
        self.tree["facts"] = [fact for fact in self.facts if not any(fact is one for one in self._gone)]
        text = self._text
        for start, end, new in sorted(self._edits, reverse=True):
            text = text[:start] + new + text[end:]
        document, problems = parse(text, self.file)
        if document is None or problems or document.tree != self.tree:
            raise PageError(f"{self.file} is written in a way that cannot be changed here; change it by hand")
        return text

    def _replace(self, path: tuple[str | int, ...], value: Value, *, block: bool) -> None:
        start, end = self._values[path]
        old = self._text[start:end]
        if block and not old.startswith("["):
            self._edits.append((self._keys[path][1] + 1, end, f" {_quoted(value, '')}"))
        else:
            self._edits.append((start, end, _quoted(value, old) + (self._break if old.endswith("\n") else "")))

    def _insert(self, at: int, lines: list[str]) -> None:
        """Whole lines, where a line begins or the text ends."""
        before = "" if at == 0 or self._text[at - 1] == "\n" else self._break
        self._edits.append((at, at, before + "".join(line + self._break for line in lines)))

    def _line_around(self, at: int) -> tuple[int, int]:
        """Where the line of a letter begins and the next one does."""
        end = self._text.find("\n", at)
        return self._text.rfind("\n", 0, at) + 1, len(self._text) if end < 0 else end + 1

    def _crowded(self) -> PageError:
        return PageError(f"{self.file}: facts stand in one line; write each value in a line of its own")


def _quoted(value: Value, before: str) -> str:
    """*value* as YAML, quoted as it was *before* where that is possible; in double quotation marks if it was not."""
    if isinstance(value, list):
        return f"[{', '.join(json.dumps(one, ensure_ascii=False) for one in value)}]"
    if before.startswith("'") and value.isprintable():
        return "'" + value.replace("'", "''") + "'"
    if before and before[0].isalnum() and value[:1].isalpha() and value.isprintable():
        document, problems = parse(f"x: [{value}]", "")  # where it is plain even in a list, it is so everywhere
        if document and not problems and document.tree == {"x": [value]}:
            return value
    return json.dumps(value, ensure_ascii=False)
