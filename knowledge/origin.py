"""Where every single fact comes from: file and line, and the same thing in the parents that it replaced."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from knowledge.folders import Folder
from knowledge.resolve import Resolver
from knowledge.source import Document, Tree

KINDS: Mapping[str, tuple[str, ...]] = {
    "actors": ("actor",),
    "concerns": ("concern", "referral"),
    "flows": ("flow", "node"),
}
PARTS = {"questions", "outcomes"}  # of a flow's file; each of them has a place of its own


@dataclass(frozen=True, slots=True)
class Origin:
    """One value as written: what it belongs to, its name there, where it stands, and what it replaced (root first)."""

    id: str
    name: str
    value: str
    file: str
    line: int
    replaces: tuple[str, ...] = ()


def origins(line: Sequence[Folder], part: str) -> list[Origin]:
    """Every value of *part* ("actors", "concerns" or "flows") of the region with this chain of folders."""
    resolver = Resolver(line)
    resolver.pack()
    return [
        origin
        for key, (document, at) in resolver.places.items()
        if key.split("/", 1)[0] in KINDS[part]
        for origin in _values(resolver, key, document, at)
    ]


def _values(resolver: Resolver, key: str, document: Document, at: tuple[str | int, ...]) -> Iterator[Origin]:
    kind, name = key.split("/", 1)
    replaces = tuple(resolver.replaced.get(key, ()))
    tree: Any = document.tree
    for step in at:
        tree = tree[step]
    prefix = ("referrals",) if kind == "referral" else ()
    for path, value in leaves(tree):
        if kind == "flow" and path[0] in PARTS:
            continue
        label = _fact(tree, path) or ".".join(str(step) for step in (*prefix, *path))
        yield Origin(name, label, value, document.file, document.line((*at, *path)), replaces)
    if kind == "node" and isinstance(tree, dict) and tree.get("shared") == "true":
        shared, start = resolver.places[f"question/{tree['id']}"]
        for origin in _values(resolver, f"question/{tree['id']}", shared, start):
            yield Origin(name, origin.name, origin.value, origin.file, origin.line, origin.replaces)


def _fact(tree: Any, path: Sequence[str | int]) -> str:
    """The kind and label of a fact ("phone Hotline"); empty for anything else."""
    if path[0] != "facts" or len(path) != 3:  # facts, number, value
        return ""
    fact = tree["facts"][path[1]]
    return f"{fact['kind']} {fact.get('label', '')}".strip()


def leaves(tree: Tree, path: tuple[str | int, ...] = ()) -> Iterator[tuple[tuple[str | int, ...], str]]:
    """(path, text) of every value; a fact is one value."""
    match tree:
        case str():
            yield path, tree
        case {"kind": kind, "value": value} if isinstance(kind, str) and isinstance(value, str):
            yield (*path, "value"), value
        case dict():
            for key, item in tree.items():
                yield from leaves(item, (*path, key))
        case list():
            for index, item in enumerate(tree):
                yield from leaves(item, (*path, index))
