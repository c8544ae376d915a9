"""Dialogues as text files: what is typed or pressed, and what must be answered; every line with its number.

The head sets the scene (`= title`, then `region`, `audience`, `lang`, `at`). `> ` is what the user types, `>> ` the
value of a pressed button. Below stands the whole answer, word for word, or only what matters: `? words` that the answer
must contain and `! words` that it must not.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime
from itertools import pairwise

from knowledge.model import Audience
from knowledge.schema import nearest
from knowledge.source import Problem

HEAD = ("region", "audience", "lang", "at")
DEMANDS = ("? ", "! ")


@dataclass(frozen=True, slots=True)
class Step:
    """One message, as it stands in the file, and the lines below it without the blank ones at the end."""

    sent: str
    line: int
    below: tuple[str, ...]

    @property
    def demands(self) -> tuple[tuple[int, str, str], ...]:
        """(line, "?" or "!", words); empty where the whole answer is written down, or nothing."""
        return tuple(
            (number, text[0], text[2:].strip())
            for number, text in enumerate(self.below, self.line + 1)
            if text.startswith(DEMANDS)
        )


@dataclass(frozen=True, slots=True)
class Scene:
    """A dialogue file: its first lines as written, what is known before the first message, and the steps."""

    file: str
    preface: tuple[str, ...]
    head: Mapping[str, str]
    steps: tuple[Step, ...]


def parse(text: str, file: str) -> tuple[Scene, list[Problem]]:
    """The dialogue in *text*, called *file* in messages, and everything wrong with its form."""
    lines = text.splitlines()
    starts = [number for number, line in enumerate(lines) if _sent(line)]
    first = starts[0] if starts else len(lines)
    head = {}
    problems = list(_head_problems(lines[:first], file))
    for line in lines[:first]:
        if ": " in line and not line.startswith(("= ", "#")):
            key, value = line.split(": ", 1)
            head[key] = value.strip()
    steps = []
    for start, end in pairwise([*starts, len(lines)]):
        below = lines[start + 1 : end]
        while below and not below[-1].strip():
            below.pop()
        steps.append(Step(lines[start], start + 1, tuple(below)))
    if not steps:
        problems.append(Problem(file, 1, "has no message; write '> ' and what somebody types"))
    problems += [problem for step in steps for problem in _step_problems(step, file)]
    return Scene(file, tuple("\n".join(lines[:first]).rstrip().splitlines()), head, tuple(steps)), problems


def _sent(line: str) -> bool:
    return line.startswith(("> ", ">> ")) or line == ">"


def _head_problems(lines: list[str], file: str) -> Iterator[Problem]:
    for number, line in enumerate(lines, 1):
        if not line.strip() or line.startswith(("= ", "#")):
            continue
        key, _, value = line.partition(": ")
        if key not in HEAD:
            text = f"'{line}' is no line of the head{nearest(key, HEAD)} (all: {', '.join(HEAD)})"
            yield Problem(file, number, text)
        elif key == "audience" and value.strip() not in set(Audience):
            yield Problem(file, number, f"audience is '{value}', but must be one of {', '.join(Audience)}")
        elif key == "at" and not _moment(value):
            yield Problem(file, number, f"at is '{value}'; write it like 2026-11-20T10:00")


def _step_problems(step: Step, file: str) -> Iterator[Problem]:
    for number, line in enumerate(step.below, step.line + 1):
        if line.startswith(">") or line.rstrip() in {"?", "!"}:
            yield Problem(file, number, f"'{line}' says nothing; a sign stands before a space and words, like '? 112'")
        elif step.demands and line.strip() and not line.startswith((*DEMANDS, "#")):
            yield Problem(file, number, f"'{line}' stands between lines with ? and !; write '? {line.strip()}'")


def _moment(value: str) -> bool:
    try:
        datetime.fromisoformat(value.strip())
    except ValueError:
        return False
    return True
