"""Where a statement stands: file and line, so that whoever corrects it finds it at once."""

from collections.abc import Sequence
from pathlib import Path

from knowledge.model import Fact, Pack
from knowledge.source import Document, read


class Places:
    """The actor files below *roots*. A file is read when it is asked for first, and again when it has changed."""

    def __init__(self, roots: Sequence[Path]) -> None:
        self._roots = roots
        self._read: dict[Path, tuple[float, Document | None]] = {}

    def of_fact(self, pack: Pack, actor: str, fact: Fact) -> str:
        """ "dortmund/actors/kub.yaml:61"; the line of the whole actor if the statement is not found there any more."""
        origin = pack.origin[f"actor/{actor}"]
        document = self._document(origin.rpartition(":")[0])
        facts = document.tree.get("facts") if document and isinstance(document.tree, dict) else None
        for index, entry in enumerate(facts if isinstance(facts, list) else ()):
            if (
                document
                and isinstance(entry, dict)
                and (entry.get("kind"), entry.get("value")) == (fact.kind, fact.value)
            ):
                return f"{document.file}:{document.line(('facts', index))}"
        return origin

    def _document(self, name: str) -> Document | None:
        path = next((root / name for root in self._roots if (root / name).is_file()), None)
        if path is None:
            return None
        changed = path.stat().st_mtime
        known = self._read.get(path)
        if known is None or known[0] != changed:
            known = self._read[path] = (changed, read(path, name)[0])
        return known[1]
