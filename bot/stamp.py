"""Marks translations as made from the present German, after somebody has read both. Comments and order stay."""

import re
from collections.abc import Iterable
from pathlib import Path

from knowledge.folders import chain, folders
from knowledge.load import examine
from knowledge.translate import Entry, entries, sources, stamp


def stamp_all(roots: Iterable[Path]) -> int:
    """Write `of: <hash>` into every entry below i18n/ whose hash is missing or old; how many changed."""
    roots = tuple(roots)
    examined = examine(roots, thorough=False)
    found, _ = folders(roots)
    changes: dict[Path, dict[int, str]] = {}
    for region, language in examined.packs:
        if language == "de":
            continue
        german = sources(examined.packs[region, "de"])
        for key, entry in entries(chain(found, region)[0], language).items():
            if key in german and entry.tree.get("of") != stamp(german[key]):
                path = found[entry.document.file.split("/")[0]].path.parent / entry.document.file
                changes.setdefault(path, {})[_line(entry)] = stamp(german[key])
    for path, stamps in changes.items():
        lines = path.read_text("utf-8").split("\n")
        for number in sorted(stamps, reverse=True):
            lines[number - 1 : number] = _stamped(lines[number - 1], stamps[number])
        path.write_text("\n".join(lines), "utf-8")
    return sum(len(stamps) for stamps in changes.values())


def _line(entry: Entry) -> int:
    """The line that has the hash, or else the one that begins the entry."""
    document, at = entry.document, entry.at
    if "of" in entry.tree:
        return document.lines[*at, "of"]
    return document.lines[at] if at and isinstance(at[-1], str) else document.lines[*at, next(iter(entry.tree))]


def _stamped(line: str, value: str) -> list[str]:
    """The line with its hash, or the line and one more."""
    if re.match(r"\s*(- )?of:", line):
        return [re.sub(r"of:.*", f"of: {value}", line)]
    if "{" in line.split(":", maxsplit=1)[0]:
        return [line.replace("{", f"{{of: {value}, ", 1)]
    indent = len(line) - len(line.lstrip())
    if line.lstrip().startswith("- "):
        return [line, f"{' ' * (indent + 2)}of: {value}"]
    if indent == 0 and not line.rstrip().endswith(":"):
        return [f"of: {value}", line]
    return (
        [f"of: {value}", line]
        if re.match(r"(does|title|first_step|have_ready):", line)
        else [line, f"{' ' * (indent + 2)}of: {value}"]
    )
