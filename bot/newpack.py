"""A city's first pack: a commented skeleton that passes `check` and talks at once. Nothing in it is invented."""

import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from bot.wording import wording
from knowledge.check.checker import LABEL
from knowledge.editor import KINDS, schemas
from knowledge.folders import Folder, chain
from knowledge.model import Actor, Audience, Concern, Pack
from knowledge.resolve import Resolver
from knowledge.source import read

TEMPLATES = Path(__file__).parent / "skeleton"
SCHOOL = "eigene-schule"
COORDINATION = "koordination"
FIRST = "schulangst"  # the concern of the first dialogue


@dataclass(frozen=True, slots=True)
class City:
    """What is known of a city at the start; empty means unknown. With a phone number or mail comes their *source*."""

    name: str
    title: str
    parent: str
    coordination: str = ""
    phone: str = ""
    mail: str = ""
    source: str = ""
    as_of: str = "unknown"

    @property
    def facts(self) -> list[tuple[str, str]]:
        return [(kind, value) for kind, value in (("phone", self.phone), ("email", self.mail)) if value]


def files(city: City, found: Mapping[str, Folder]) -> dict[str, str]:
    """Path within the new folder → content. *found* has the packs it extends."""
    above = Resolver(chain(found, city.parent)[0]).pack()
    words = wording("new-pack")["actor"]
    coordination = COORDINATION if city.coordination else SCHOOL
    lists = {concern.id: _lists(concern, above, coordination) for concern in _open(above)}
    made = {
        "pack.yaml": _filled(
            "pack.yaml.j2", city=city, land=above.land, coordination=coordination, crisis_line=above.crisis_lines[0]
        ),
        "actors/_vorlage.yaml": _filled("form.yaml.j2"),
        **editor_files(),
    }
    if city.coordination:
        made[f"actors/{COORDINATION}.yaml"] = _coordination(city, words)
    if lists:
        named = [(key, above.concerns[key].label, value) for key, value in lists.items()]
        made["referrals.yaml"] = _filled("referrals.yaml.j2", title=city.title, concerns=named)
    if FIRST in lists:
        first = above.actors[lists[FIRST]["parent"][0]["actor"]].name
        made["dialogues/erster-kontakt.txt"] = _filled("dialogue.txt.j2", first=first)
    return made


def editor_files() -> dict[str, str]:
    """The JSON Schemas, and which file each is for."""
    settings = {"yaml.schemas": {f"./.schema/{kind}.schema.json": [glob] for kind, (glob, _) in KINDS.items()}}
    return {
        **{f".schema/{name}": text for name, text in schema_files().items()},
        ".vscode/settings.json": json.dumps(settings, indent=2) + "\n",
    }


def schema_files() -> dict[str, str]:
    """File name → JSON Schema."""
    return {
        f"{kind}.schema.json": json.dumps(schema, ensure_ascii=False, indent=2) + "\n"
        for kind, schema in schemas().items()
    }


def create(folder: Path, made: Mapping[str, str]) -> None:
    """Write all files into *folder*, which must not exist yet."""
    folder.mkdir(parents=True)
    for name, text in made.items():
        path = folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, "utf-8")


def _open(above: Pack) -> Iterator[Concern]:
    """The concerns for which nobody is responsible yet."""
    return (concern for concern in above.concerns.values() if concern.id not in above.referrals)


def _lists(concern: Concern, above: Pack, coordination: str) -> dict[str, list[dict[str, str]]]:
    """Audience → who is named, each once and only if the actor exists and serves it."""
    document, _ = read(TEMPLATES / "referrals.yaml", "referrals.yaml")
    table: Any = document.tree if document else {}
    own = table.get(concern.id, table["network"] if concern.id in table["networked"] else {})
    lists: dict[str, list[dict[str, str]]] = {}
    for audience in Audience:
        entries = own.get(audience.value, table["default"][audience.value])
        named = [{**entry, "actor": _named(entry["actor"], coordination)} for entry in entries]
        fitting = [entry for entry in named if _serves(above.actors.get(entry["actor"]), audience, entry["actor"])]
        lists[audience.value] = list({entry["actor"]: entry for entry in reversed(fitting)}.values())[::-1]
    return lists


def _named(actor: str, coordination: str) -> str:
    return coordination if actor == "coordination" else actor


def _serves(actor: Actor | None, audience: Audience, name: str) -> bool:
    if actor is None:
        return name == COORDINATION
    return audience in actor.audiences or (audience is Audience.COORDINATOR and Audience.TEACHER in actor.audiences)


def _coordination(city: City, words: Mapping[str, Any]) -> str:
    short = city.coordination if len(city.coordination) <= LABEL else words["short"].format(title=city.title)[:LABEL]
    sentences = {
        key: {audience: text.format(title=city.title) for audience, text in words[key].items()}
        for key in ("does", "first_step")
    }
    known = {"name": city.coordination, "short": short, "facts": city.facts}
    return _filled("actor.yaml.j2", **known, **sentences, source=city.source, as_of=city.as_of)


def _filled(template: str, **values: Any) -> str:
    from jinja2 import Environment, FileSystemLoader, StrictUndefined  # noqa: PLC0415 - no other command waits for it

    environment = Environment(
        loader=FileSystemLoader(TEMPLATES),
        undefined=StrictUndefined,
        autoescape=False,  # noqa: S701 - YAML, not HTML; what people typed goes through `quoted`
        trim_blocks=True,
        keep_trailing_newline=True,
    )
    environment.filters["quoted"] = lambda value: json.dumps(value, ensure_ascii=False)
    return environment.get_template(template).render(**values)
