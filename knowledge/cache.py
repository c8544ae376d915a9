"""What is worth keeping between starts, under the hash of all pack files: read trees, and the fitted search.

Only plain data is kept (JSON, and the search's own format): reading a cache file can never run code.
"""

import hashlib
import json
import os
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from mmap import ACCESS_READ, mmap
from pathlib import Path
from typing import TypeVar

from knowledge import rows, schema
from knowledge.folders import Folder
from knowledge.schema import typed
from knowledge.source import Document

T = TypeVar("T")


def digest(roots: Iterable[Path]) -> str:
    """A hash over the names and bytes of all pack files: equal content, equal hash."""
    total = hashlib.sha256()
    for root in roots:
        for path in sorted([*root.rglob("*.yaml"), *root.rglob(rows.FILE)]):
            total.update(str(path.relative_to(root)).encode())
            total.update(hashlib.sha256(path.read_bytes()).digest())
    return total.hexdigest()


@dataclass(frozen=True, slots=True)
class Cache:
    """Files of one content version in *folder*; those of other versions are deleted when a new one is written."""

    folder: Path | None
    version: str

    def folders(self) -> dict[str, Folder] | None:
        """The pack folders as read before, known to be without errors; None if there are none."""
        raw = self._read("packs.json")
        if raw is None:
            return None
        try:
            return {pack: _folder(pack, Path(path), trees) for pack, (path, trees) in json.loads(raw).items()}
        except (ValueError, TypeError, KeyError, AttributeError):
            return None

    def has_folders(self) -> bool:
        return self.folder is not None and (self.folder / self._named("packs.json")).is_file()

    def keep_folders(self, found: Mapping[str, Folder]) -> None:
        trees = {
            pack: (str(folder.path), {name: document.tree for name, document in folder.documents.items()})
            for pack, folder in found.items()
        }
        self._write("packs.json", json.dumps(trees, ensure_ascii=False).encode())

    def through(self, name: str, make: Callable[[], T], dump: Callable[[T], bytes], load: Callable[[mmap], T]) -> T:
        """The kept thing, or a new one, which is kept. *load* is given the file, mapped into memory, not a copy."""
        try:
            return load(self._mapped(name))
        except (OSError, ValueError):
            pass  # not there, or of an older program; it is written anew
        made = make()
        self._write(name, dump(made))
        return made

    def _mapped(self, name: str) -> mmap:
        if self.folder is None:
            raise FileNotFoundError
        with (self.folder / self._named(name)).open("rb") as file:
            return mmap(file.fileno(), 0, access=ACCESS_READ)

    def _read(self, name: str) -> bytes | None:
        try:
            return (self.folder / self._named(name)).read_bytes() if self.folder else None
        except OSError:
            return None

    def _write(self, name: str, content: bytes) -> None:
        """Kept if possible; a full or read-only disk only costs time at the next start."""
        if self.folder is None:
            return
        try:
            self.folder.mkdir(parents=True, exist_ok=True)
            for old in self.folder.glob(f"*-{name}"):
                old.unlink(missing_ok=True)
            part = self.folder / self._named(f"{name}.part")
            with part.open("wb") as file:
                file.write(content)
                file.flush()
                os.fsync(file.fileno())  # or a power cut could leave a file of the right length without its content
            part.replace(self.folder / self._named(name))
        except OSError:
            return

    def _named(self, name: str) -> str:
        return f"{self.version[:24]}-{name}"


def _folder(pack: str, path: Path, trees: Mapping[str, object]) -> Folder:
    documents = {name: Document(f"{pack}/{name}", tree, {}) for name, tree in trees.items()}  # type: ignore[arg-type]
    head = documents["pack.yaml"]
    value, _ = typed(schema.PackFile, head.tree, head)
    return Folder(pack, path, value or schema.PackFile(name=pack), documents)
