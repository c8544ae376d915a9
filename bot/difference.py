"""Two versions of pack folders compared, in German sentences or as JSON."""

from collections.abc import Mapping
from pathlib import Path
from typing import Any

from bot.wording import wording
from knowledge.difference import Change, compare
from knowledge.folders import SHIPPED, chain, folders
from knowledge.load import PackError
from knowledge.model import Pack
from knowledge.resolve import Resolver

LONG = 140  # characters of a text before and after; the JSON has all of them


def regions(path: Path) -> dict[str, Pack]:
    """The regions that the packs in *path* make up, or take part in; the shipped packs are their parents."""
    own, problems = folders([path])
    shipped, _ = folders([SHIPPED])
    found = {**shipped, **own}
    parents = {folder.pack.extends for folder in found.values()}
    result: dict[str, Pack] = {}
    for region, folder in found.items():
        line, more = chain(found, region)
        if region in parents or not any(one.id in own for one in line or [folder]):
            continue
        resolver = Resolver(line) if line else None
        pack = resolver.pack() if resolver else None
        problems += [*more, *(resolver.problems if resolver else ())]
        if pack:
            result[region] = pack
    if problems:
        raise PackError(problems)
    return result


def changes(old: Mapping[str, Pack], new: Mapping[str, Pack]) -> dict[str, list[Change]]:
    """Region → its differences. Two single cities are compared even if their folders have different names."""
    if len(old) == len(new) == 1:
        return {region: compare(next(iter(old.values())), pack) for region, pack in new.items()}
    return {region: compare(old[region], pack) for region, pack in new.items() if region in old}


def sentence(change: Change, words: Mapping[str, Any] | None = None) -> str:
    """The difference in one German sentence."""
    told = words or wording("difference")
    names = told["words"]
    values = dict(change.values)
    for key in ("field", "part", "fact"):
        if key in values:
            values[key] = names.get(values[key], values[key])
    if values.get("label"):
        values["fact"] = f"{values['fact']} ({values['label']})"
    nothing = told["nothing"] if change.kind in {"referral-first", "referral-then"} else told["none"]
    for key in ("old", "new"):
        if key in values:
            values[key] = _cut(values[key]) or nothing
    return str(told["sentences"][change.kind]).format(**values)


def told(new: Mapping[str, Pack], found: Mapping[str, list[Change]]) -> str:
    """All sentences, region by region."""
    words = wording("difference")
    lines: list[str] = []
    for region, listed in found.items():
        if len(found) > 1 and listed:
            lines.append(words["region"].format(name=new[region].name, region=region))
        lines += [sentence(change, words) for change in listed]
    return "\n".join(lines or [words["same"]])


def rows(found: Mapping[str, list[Change]]) -> list[dict[str, Any]]:
    """The same as plain data."""
    words = wording("difference")
    return [
        {"region": region, "kind": change.kind, "id": change.id, "text": sentence(change, words), **change.values}
        for region, listed in found.items()
        for change in listed
    ]


def _cut(text: str) -> str:
    return text if len(text) <= LONG else f"{text[:LONG]}…"
