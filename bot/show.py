"""The resolved knowledge of one region as text or JSON, with the file and line each thing comes from."""

import json
from collections.abc import Sequence
from dataclasses import asdict

from knowledge.model import Pack
from knowledge.origin import Origin


def listed(pack: Pack, part: str, *, as_json: bool) -> str:
    """*part* is "actors", "concerns" or "flows"."""
    kind = part.removesuffix("s")
    things = getattr(pack, part)
    if as_json:
        rows = [{**asdict(thing), "origin": pack.origin[f"{kind}/{key}"]} for key, thing in things.items()]
        return json.dumps(rows, ensure_ascii=False, indent=2)
    return "\n".join(_text(pack, part, key) for key in things)


def traced(values: Sequence[Origin], *, as_json: bool) -> str:
    """Every single value with its file and line."""
    if as_json:
        return json.dumps([asdict(value) for value in values], ensure_ascii=False, indent=2)
    lines = []
    for one in values:
        replaced = f"  (replaces {', '.join(one.replaces)})" if one.replaces else ""
        lines.append(f"{one.file}:{one.line}: {one.id} · {one.name}: {one.value}{replaced}")
    return "\n".join(lines)


def _text(pack: Pack, part: str, key: str) -> str:
    if part == "concerns":
        concern = pack.concerns[key]
        return f"{key:<28}{concern.label:<42}{pack.origin[f'concern/{key}']}"
    if part == "flows":
        flow = pack.flows[key]
        return f"{key:<28}{flow.title.sie:<42}{pack.origin[f'flow/{key}']}"
    actor = pack.actors[key]
    lines = [f"{key} – {actor.name}  [{pack.origin[f'actor/{key}']}]"]
    lines += [f"    {fact.kind}: {fact.value}  ({fact.as_of}; {', '.join(fact.source)})" for fact in actor.facts]
    return "\n".join(lines)
