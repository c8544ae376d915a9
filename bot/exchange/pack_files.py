"""Actors into a city's pack folder: what would change, in words; the YAML that is written."""

import json
import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, fields, replace
from pathlib import Path

from bot.exchange.admit import Incoming
from bot.exchange.shared import private, shared
from knowledge.folders import SHIPPED, Folder, chain, folders
from knowledge.load import PackError
from knowledge.model import Actor, Fact
from knowledge.schema import typed
from knowledge.source import Tree

_PLAIN = re.compile(r"[A-Za-zÄÖÜäöüß](?:[A-Za-z0-9ÄÖÜäöüß .,;()/?!–…„“_%&'+-]*[A-Za-z0-9ÄÖÜäöüß.)?!“])?")
_ADDRESS = re.compile(r"https?://[A-Za-z0-9./?=&%_~+-]*[A-Za-z0-9/]")
_SLUG = re.compile(r"[a-z0-9-]*[a-z][a-z0-9-]*")
_UNPRINTABLE = re.compile("[\x7f-\x9f\u2028\u2029\ufeff\ufffe\uffff]")


@dataclass(frozen=True, slots=True)
class Change:
    """What importing one actor means. *words* is empty if the pack says the same already.

    *actor* is what would be written: private facts and editors' notes of the present file stay."""

    actor: Actor
    present: str
    words: tuple[str, ...]

    @property
    def file(self) -> str:
        return f"actors/{self.actor.id}.yaml"


def changes(folder: Path, arrived: Iterable[Incoming]) -> list[Change]:
    """What each actor would change in the pack in *folder* and its parents. PackError if its actors are unreadable."""
    known = dict(_known(folder))
    return [_change(one.actor, *known.get(one.actor.id, (None, ""))) for one in arrived]


def write(folder: Path, wanted: Iterable[Change]) -> None:
    """The files of *wanted*. OSError if one cannot be written."""
    (folder / "actors").mkdir(exist_ok=True)
    for change in wanted:
        (folder / change.file).write_text(to_yaml(change.actor), "utf-8")


def to_yaml(actor: Actor) -> str:
    """An actor's file, as knowledge.source reads it back."""
    return "\n".join(_lines(_tree(actor), "")) + "\n"


def _known(folder: Path) -> Iterator[tuple[str, tuple[Actor, str]]]:
    """Every actor of the pack and its parents, with its file; that of the city last."""
    shipped, _ = folders((SHIPPED,))
    mine, _ = folders((folder,))
    found = {**shipped, **mine}
    line: Sequence[Folder] = chain(found, folder.name)[0] or list(mine.values())
    for pack in line:
        for stem, document in pack.within("actors").items():
            tree = document.tree if isinstance(document.tree, dict) else {}
            actor, problems = typed(Actor, {"id": stem, **tree}, document)
            if actor is None:
                raise PackError(problems)
            yield stem, (actor, document.file)


def _change(new: Actor, old: Actor | None, present: str) -> Change:
    if old is None:
        return Change(new, "", ("new",))
    told, kept = shared(new), shared(old)
    notes = {replace(fact, note=""): fact for fact in old.facts if not private(fact)}
    facts = (*(notes.get(fact, fact) for fact in new.facts), *(fact for fact in old.facts if private(fact)))
    return Change(replace(new, facts=facts), present, tuple(_words(kept, told)))


def _words(old: Actor, new: Actor) -> Iterator[str]:
    for name in (field.name for field in fields(Actor) if field.name not in {"id", "facts"}):
        before, after = getattr(old, name), getattr(new, name)
        if before != after:
            yield f"{name}: {_brief(before)} → {_brief(after)}"
    gone, come = ([fact for fact in one.facts if fact not in other.facts] for one, other in ((old, new), (new, old)))
    for fact in gone:
        heir = next((other for other in come if (other.kind, other.label) == (fact.kind, fact.label)), None)
        if heir:
            come.remove(heir)
            yield f"{_named(fact)}: {_fact(fact)} → {_fact(heir)}"
        else:
            yield f"{_named(fact)}: {_fact(fact)} goes"
    for fact in come:
        yield f"{_named(fact)}: {_fact(fact)} is new"


def _named(fact: Fact) -> str:
    return f"{fact.kind} ({fact.label})" if fact.label else fact.kind


def _fact(fact: Fact) -> str:
    return f"'{fact.value}' (as of {fact.as_of}, {'; '.join(fact.source)}{', unsure' if fact.unsure else ''})"


def _brief(value: object) -> str:
    if isinstance(value, Mapping):
        return "; ".join(f"{key}: {_brief(one)}" for key, one in value.items()) or "nothing"
    if isinstance(value, tuple):
        return ", ".join(map(str, value)) or "nothing"
    return f"'{value}'"


def _tree(value: object) -> Tree:
    """As a file holds it: no id, nothing empty, one source without a list."""
    if isinstance(value, Actor | Fact):
        pairs = ((field.name, getattr(value, field.name)) for field in fields(value) if field.name != "id")
        tree = {name: _tree(one) for name, one in pairs if one not in ("", (), {}, False)}
        if isinstance(value, Fact) and len(value.source) == 1:
            tree["source"] = value.source[0]
        return tree if isinstance(value, Fact) or "facts" in tree else {**tree, "facts": []}
    if isinstance(value, Mapping):
        return {str(key): _tree(one) for key, one in value.items()}
    if isinstance(value, tuple):
        return [_tree(one) for one in value]
    return "true" if value is True else str(value)


def _lines(tree: Tree, indent: str) -> Iterator[str]:
    if isinstance(tree, dict):
        for key, value in tree.items():
            name = key if _SLUG.fullmatch(key.replace("_", "-")) else _scalar(key)
            if isinstance(value, str) or not value or _simple(value):
                yield f"{indent}{name}: {_inline(value)}"
            else:
                yield f"{indent}{name}:"
                yield from _lines(value, f"{indent}  ")
    elif isinstance(tree, list):
        for item in tree:
            first, *rest = [f"{indent}  {_scalar(item)}"] if isinstance(item, str) else _lines(item, f"{indent}  ")
            yield f"{indent}- {first[len(indent) + 2 :]}"
            yield from rest


def _simple(value: Tree) -> bool:
    """A list of ids stands in one line."""
    return isinstance(value, list) and all(isinstance(item, str) and _SLUG.fullmatch(item) for item in value)


def _inline(value: Tree) -> str:
    if isinstance(value, str):
        return _scalar(value)
    return f"[{', '.join(map(str, value))}]" if isinstance(value, list) else "{}"


def _scalar(text: str) -> str:
    """Plain where it reads well and cannot be misread, else in quotes: JSON's are YAML's."""
    if _PLAIN.fullmatch(text) or _ADDRESS.fullmatch(text):
        return text
    quoted = json.dumps(text, ensure_ascii=False)
    return _UNPRINTABLE.sub(lambda match: f"\\u{ord(match[0]):04x}", quoted)
