"""Checks of pack folders: once, or again after every change."""

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from hashlib import sha256
from pathlib import Path

from bot.dialogues import FOLDER as DIALOGUES
from bot.dialogues import check_dialogues
from bot.online import Link, links
from knowledge.cache import Cache
from knowledge.check.hints import hints
from knowledge.check.plain import plain_hints
from knowledge.load import Examined, examine, fitted, lessons, with_examples
from knowledge.model import Pack
from knowledge.search import Search, dump, load
from knowledge.source import Problem

PAUSE = 0.5  # seconds between two looks at the files
Signature = Mapping[Path, tuple[int, int]]


@dataclass(frozen=True, slots=True)
class Checked:
    """Everything `check` has to say: errors and warnings, then hints; and the regions that could be read."""

    problems: tuple[Problem, ...]
    regions: tuple[str, ...]

    def count(self, level: str) -> int:
        return sum(problem.level == level for problem in self.problems)


class Checks:
    """Checks the same folders again and again; the examples are only read anew if what the search learns changed.

    *own* are the packs that somebody works on: of all others only errors are told. Empty means all.
    """

    def __init__(self, roots: Sequence[Path], own: Iterable[str] = (), cache: Path | None = None) -> None:
        self.roots = tuple(roots)
        self.cache = cache
        self.own = frozenset(own)
        self.learned: Signature | None = None
        self.search: Search | None = None
        self.of_examples: tuple[Problem, ...] = ()

    def check(self) -> Checked:
        examined = examine(self.roots)
        self._learn(examined)
        german = examined.german
        readable = plain_hints(examined.folders, german)
        problems = [*examined.problems, *self.of_examples, *(one for one in readable if one.warning)]
        problems += check_dialogues(examined, self.roots, self.search)
        problems = [one for one in problems if one.level == "error" or self._mine(one)]
        advice = [*hints(examined.folders, german), *(one for one in readable if one.hint)]
        advice = sorted({one for one in advice if self._mine(one)})
        return Checked((*sorted(set(problems)), *advice), tuple(sorted(german)))

    def links(self) -> list[Link]:
        """Every web address of these packs."""
        examined = examine(self.roots, thorough=False)
        return [one for one in links(examined.folders, sorted(examined.german)) if self._mine(one)]

    def _learn(self, examined: Examined) -> None:
        """Fit the search and check the examples, if what either depends on has changed."""
        learned = {
            path: at
            for path, at in signature(self.roots).items()
            if "examples" in path.parts or path.name in {"concerns.yaml", "answers.yaml"}
        }
        if learned == self.learned or not examined.german:
            return
        folders = [folder for pack, folder in examined.folders.items() if pack in self.own or not self.own]
        if any((folder.path / "examples").is_dir() for folder in folders):
            full = with_examples(self.roots, examined)
            found = set(full.problems) - set(examined.problems)
            self.search, self.of_examples = full.search, tuple(one for one in found if self._mine(one))
        elif any((folder.path / DIALOGUES).is_dir() for folder in examined.folders.values()):
            self.search, self.of_examples = self._fitted(examined.german), ()
        self.learned = learned

    def _fitted(self, german: Mapping[str, Pack]) -> Search:
        """The search for the dialogues; kept until something that it learns from changes."""
        learned = sha256(repr(lessons(self.roots, german)).encode()).hexdigest()
        return Cache(self.cache, learned).through("check.bin", lambda: fitted(self.roots, german), dump, load)

    def _mine(self, one: Problem | Link) -> bool:
        return not self.own or one.file.split("/")[0] in self.own

    def follow(self, wait: Callable[[float], None]) -> Iterator[Checked]:
        """The result now, and again whenever a file was changed, added or removed."""
        seen: Signature | None = None
        while True:
            now = signature(self.roots)
            if now != seen:
                seen = now
                yield self.check()
            wait(PAUSE)


def signature(roots: Sequence[Path]) -> Signature:
    """Every file with its time and size."""
    found = {}
    for root in roots:
        for path in root.rglob("*"):
            try:
                stat = path.stat()
            except OSError:  # gone since it was listed
                continue
            if path.is_file():
                found[path] = stat.st_mtime_ns, stat.st_size
    return found
