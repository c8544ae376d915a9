"""A fact confirmed or corrected: its value, source and date written back into the YAML file where it stands."""

import shutil
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

from bot.page import Page, PageError
from handlers.cards import newest
from knowledge.check.directory import FORMATS
from knowledge.check.hints import in_use
from knowledge.load import Examined, PackError, examine, examine_folders
from knowledge.model import Actor
from knowledge.schema import nearest
from knowledge.source import parse


@dataclass(frozen=True, slots=True, kw_only=True)
class Confirmed:
    """What somebody found out: kind of fact → its right value; nothing means that all that is shown still holds."""

    as_of: str
    source: str = ""
    values: Mapping[str, str] = field(default_factory=dict)
    label: str | None = None
    opens: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Change:
    """A file that is to have another text; *told* says it in words."""

    path: Path
    text: str
    told: tuple[str, ...]

    def write(self) -> None:
        """Replace the file in one step. OSError if that cannot be."""
        part = self.path.with_name(f".{self.path.name}.part")
        try:
            part.write_bytes(self.text.encode())
            shutil.copymode(self.path, part)
            part.replace(self.path)
        finally:
            part.unlink(missing_ok=True)


def change(roots: Sequence[Path], actor_id: str, confirmed: Confirmed, region: str | None = None) -> Change:
    """The change of the one file that holds *actor_id*. PageError, or PackError if the packs would be wrong with it."""
    for kind, value in confirmed.values.items():
        _right(kind, value)
    examined = examine(roots, thorough=False)
    if examined.errors:
        raise PackError(examined.errors)
    file = _file(examined, actor_id, region)
    actor = next(pack.actors[actor_id] for pack in examined.german.values() if _of(pack.origin, actor_id) == file)
    pack, _, relative = file.partition("/")
    folder = examined.folders[pack]
    page = Page((folder.path / relative).read_bytes().decode(), file)
    told = _correct(page, actor, confirmed) if confirmed.values else _confirm(page, actor, confirmed)
    text = page.written()
    document, _ = parse(text, file)
    if document:
        documents = {**folder.documents, relative: document}
        after = examine_folders({**examined.folders, pack: replace(folder, documents=documents)}, thorough=False)
        if after.errors:
            raise PackError(after.errors)
    return Change(folder.path / relative, text, tuple(told))


def _right(kind: str, value: str) -> None:
    """PageError unless *value* has the form of its kind; a phone number must be one that is given out."""
    pattern, example = FORMATS.get(kind, (None, ""))
    if not value or (pattern and not pattern.fullmatch(value)):
        raise PageError(f"'{value}' is not a value for {kind}" + (f"; write it like {example}" if example else ""))
    if kind == "phone" and not in_use(value):
        raise PageError(f"'{value}' looks like a phone number, but no such number is given out; check the digits")


def _file(examined: Examined, actor_id: str, region: str | None) -> str:
    """The file of the actor. PageError if there is none, or one of its name in several cities."""
    packs = {name: pack for name, pack in examined.german.items() if region in {None, name}}
    files = {name: _of(pack.origin, actor_id) for name, pack in packs.items() if actor_id in pack.actors}
    if not files:
        known = sorted({name for pack in packs.values() for name in pack.actors})
        raise PageError(f"there is no actor '{actor_id}'{nearest(actor_id, known)}; 'schullotse show' lists all")
    if len(set(files.values())) > 1:
        raise PageError(f"'{actor_id}' is a different one in {', '.join(sorted(files))}; name one with --region")
    return next(iter(files.values()))


def _of(origin: Mapping[str, str], actor_id: str) -> str:
    return origin.get(f"actor/{actor_id}", "").rpartition(":")[0]


def _confirm(page: Page, actor: Actor, confirmed: Confirmed) -> list[str]:
    """Everything that users see of *actor* is as true as it was, at the new date."""
    shown = [(number, fact) for number, fact in enumerate(actor.facts) if not fact.internal]
    for _, fact in shown:
        others = [one for _, one in shown if (one.kind, one.label) == (fact.kind, fact.label)]
        if different := next((one for one in others if one.value != fact.value), None):
            both = f"'{fact.value}' and '{different.value}'"
            right = f"say the right one with --{fact.kind}" if fact.kind in FORMATS else f"correct {page.file} first"
            raise PageError(f"'{actor.id}' has two versions of {_named(fact.kind, fact.label)}: {both}; {right}")
    return [_date(page, number, fact.value, confirmed) for number, fact in shown]


def _correct(page: Page, actor: Actor, confirmed: Confirmed) -> list[str]:
    """Each given value is the right one; other versions of the same fact are deleted."""
    told = []
    for kind, value in confirmed.values.items():
        versions = _versions(actor, kind, value, confirmed.label)
        if not versions:
            told.append(_add(page, kind, value, confirmed))
            continue
        told.append(_date(page, versions[0], value, confirmed))
        for number in versions[1:]:
            fact = page.facts[number]
            if fact["value"] != value:
                page.delete(number)
                told.append(f"{page.place(number)}: the version '{fact['value']}' ({fact['as_of']}) is deleted")
    return told


def _versions(actor: Actor, kind: str, value: str, label: str | None) -> list[int]:
    """Numbers of the facts that are versions of the one to correct, that which holds first; empty if there is none."""
    shown = {number: fact for number, fact in enumerate(actor.facts) if fact.kind == kind and not fact.internal}
    labels = {fact.label for fact in shown.values()}
    same = {fact.label for fact in shown.values() if fact.value == value}
    fitting = labels & {label} if label is not None else same if len(same) == 1 else labels
    if len(fitting) > 1:
        named = ", ".join(f"'{one}'" for one in sorted(labels))
        raise PageError(f"'{actor.id}' has several of the kind {kind}; name one with --label: {named}")
    versions = {number: fact for number, fact in shown.items() if fact.label in fitting}
    if not versions:
        return []
    holds = next((fact for fact in versions.values() if fact.value == value), newest(list(versions.values()))[0])
    return sorted(versions, key=lambda number: versions[number] is not holds)


def _date(page: Page, number: int, value: str, confirmed: Confirmed) -> str:
    """Write the value, source and date of one fact; what that changes, in words."""
    fact, told = dict(page.facts[number]), []
    name = _named(fact["kind"], fact.get("label", ""))
    if fact["value"] != value:
        _known(name, confirmed, opens=fact.get("opens"))
        told.append(f"'{fact['value']}' → '{value}'")
        page.put(number, "value", value)
    if confirmed.opens and fact["kind"] == "hours" and fact.get("opens") != list(confirmed.opens):
        told.append(f"opens {', '.join(confirmed.opens)}")
        page.put(number, "opens", list(confirmed.opens))
    if confirmed.source and fact["source"] != confirmed.source:
        told.append(f"source '{confirmed.source}'")
        page.put(number, "source", confirmed.source)
    if fact["as_of"] != confirmed.as_of:
        told.append(f"as_of {fact['as_of']} → {confirmed.as_of}")
        page.put(number, "as_of", confirmed.as_of)
    if fact.get("unsure") == "true":
        told.append("no longer unsure")
        page.drop(number, "unsure", "false")
    if (end := fact.get("valid_until", "")) and end < confirmed.as_of:
        told.append(f"no longer valid until {end}")
        page.drop(number, "valid_until", confirmed.as_of)
    return f"{page.place(number)}: {name}: {'; '.join(told) or 'stays as it is'}"


def _add(page: Page, kind: str, value: str, confirmed: Confirmed) -> str:
    """A fact that was unknown so far."""
    name = _named(kind, confirmed.label or "")
    _known(name, confirmed, opens=None)
    fact: dict[str, Any] = {"kind": kind}
    if confirmed.label:
        fact["label"] = confirmed.label
    fact |= {"value": value, "source": confirmed.source, "as_of": confirmed.as_of}
    if confirmed.opens and kind == "hours":
        fact["opens"] = list(confirmed.opens)
    page.add(fact)
    return f"{page.file}: {name}: '{value}' is new, as_of {confirmed.as_of}"


def _known(name: str, confirmed: Confirmed, *, opens: object) -> None:
    """PageError unless all that belongs to a new value was said."""
    if not confirmed.source:
        raise PageError(f"--source is missing: say where the new {name} comes from, like 'Anruf bei der Stelle'")
    if opens and not confirmed.opens:
        raise PageError(f"--opens is missing: the new {name} needs its machine form, too, like 'Mo-Do 09:00-17:00'")


def _named(kind: str, label: str) -> str:
    return f"{kind} ({label})" if label else kind
