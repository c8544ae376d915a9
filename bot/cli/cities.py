"""Commands with which a city makes, compares and proves its own pack: new-pack, schema, diff, prove."""

import json
import re
import sys
from collections.abc import Mapping, Sequence
from dataclasses import asdict
from pathlib import Path
from typing import Annotated

import typer

from bot import app
from bot.app import UsageError
from bot.cli.base import Config, Output, Region, cli, said, settings_from, write
from bot.newpack import City
from config.settings import Settings
from knowledge.check.checker import DATE, SLUG
from knowledge.check.directory import FORMATS
from knowledge.folders import SHIPPED, Folder, folders
from knowledge.load import PackError, examine
from knowledge.schema import nearest

Text = Annotated[str | None, typer.Option()]
Json = Annotated[bool, typer.Option("--json", help="JSON instead of sentences.")]


@cli.command("new-pack")
@said
def new_pack(
    name: Annotated[str, typer.Argument(help="Id of the city: lower-case letters, digits, hyphens (herne).")],
    extends: Annotated[str | None, typer.Option(help="The pack of its Land, for example nrw.")] = None,
    folder: Annotated[Path, typer.Option(help="Where the pack's folder is made.")] = Path(),
    title: Annotated[str | None, typer.Option(help="Name of the city as people write it.")] = None,
    coordination_name: Text = None,
    coordination_phone: Text = None,
    coordination_mail: Text = None,
    coordination_source: Annotated[str | None, typer.Option(help="Where phone and mail come from.")] = None,
    coordination_as_of: Annotated[str | None, typer.Option(help="YYYY, YYYY-MM, YYYY-MM-DD or unknown.")] = None,
    config: Config = None,
) -> None:
    """Write the skeleton of a city's pack, with comments in German; asks in a terminal for what is missing."""
    from bot.newpack import create, files  # noqa: PLC0415
    from bot.wording import wording  # noqa: PLC0415

    settings = settings_from(config)
    found = _parents(settings)
    target = folder / name
    _free(name, target, found)
    words = wording("new-pack")
    given = {
        "title": title,
        "extends": extends,
        "coordination_name": coordination_name,
        "coordination_phone": coordination_phone,
        "coordination_mail": coordination_mail,
        "coordination_source": coordination_source,
        "coordination_as_of": coordination_as_of,
    }
    lands = [pack for pack, one in found.items() if not one.pack.coordination]
    city = _city(name, _Asking(words["questions"], given), lands)
    try:
        create(target, files(city, found))
    except OSError as error:
        raise UsageError(f"{target} cannot be written: {error.strerror}") from None
    examined = examine((SHIPPED, *settings.packs, target), thorough=False)
    if examined.errors:
        raise PackError(examined.errors)
    typer.echo(words["done"].format(title=city.title, folder=target, name=name).rstrip())


class _Asking:
    """What was said as an option; else asks in a terminal; in a pipe the rest is unknown."""

    def __init__(self, questions: Mapping[str, str], given: Mapping[str, str | None]) -> None:
        self.questions = questions
        self.given = given
        self.terminal = sys.stdin.isatty()

    def __call__(self, key: str, **values: str) -> str:
        if self.given[key] or not self.terminal:
            return self.given[key] or ""
        answer = typer.prompt(self.questions[key].format(**values), default="", show_default=False)
        return str(answer).strip()


def _city(name: str, ask: _Asking, lands: Sequence[str]) -> City:
    """All that is known of the city. UsageError names what cannot be used."""
    title = ask("title") or name.replace("-", " ").title()
    parent = ask("extends", known=", ".join(lands))
    if parent not in lands:
        raise UsageError(f"--extends is '{parent}', but must be one of: {', '.join(lands)}{nearest(parent, lands)}")
    coordination = ask("coordination_name")
    if not coordination:
        if ask.given["coordination_phone"] or ask.given["coordination_mail"]:
            raise UsageError("--coordination-name is missing: a phone number or mail needs the office it belongs to")
        return City(name, title, parent)
    phone, mail = ask("coordination_phone"), ask("coordination_mail")
    if not phone and not mail:
        return City(name, title, parent, coordination)
    source, as_of = ask("coordination_source"), ask("coordination_as_of") or "unknown"
    city = City(name, title, parent, coordination, phone, mail, source, as_of)
    _right(city.facts, source, as_of)
    return city


def _parents(settings: Settings) -> dict[str, Folder]:
    found, problems = folders((SHIPPED, *settings.packs))
    if problems:
        raise PackError(problems)
    return found


def _free(name: str, target: Path, found: dict[str, Folder]) -> None:
    if not SLUG.fullmatch(name):
        raise UsageError(f"'{name}' is not an id; use lower-case letters a-z, digits and single hyphens, like herne")
    if name in found:
        raise UsageError(f"there is a pack '{name}' already, in {found[name].path}; choose another id")
    if target.exists():
        raise UsageError(f"{target} exists already, and new-pack never overwrites; choose another --folder or name")


def _right(facts: list[tuple[str, str]], source: str, as_of: str) -> None:
    """UsageError unless every fact has its form, and all have a source and a date."""
    for kind, value in facts:
        pattern, example = FORMATS[kind]
        if not pattern.fullmatch(value):
            raise UsageError(f"'{value}' is not a {kind}; write it like {example}")
    if facts and not source:
        raise UsageError("--coordination-source is missing: say where phone and mail come from")
    if not re.fullmatch(DATE, as_of):
        raise UsageError(f"--coordination-as-of is '{as_of}'; write YYYY, YYYY-MM, YYYY-MM-DD or unknown")


@cli.command()
@said
def schema(
    output: Annotated[Path | None, typer.Option("-o", "--output", help="Folder for one file a kind.")] = None,
) -> None:
    """JSON Schemas of the pack files, with which an editor completes keys and underlines mistakes."""
    from bot.newpack import schema_files  # noqa: PLC0415
    from knowledge.editor import schemas  # noqa: PLC0415

    if output is None:
        typer.echo(json.dumps(schemas(), ensure_ascii=False, indent=2))
        return
    try:
        output.mkdir(parents=True, exist_ok=True)
        for name, text in schema_files().items():
            (output / name).write_text(text, "utf-8")
    except OSError as error:
        raise UsageError(f"{output} cannot be written: {error.strerror}") from None


@cli.command()
@said
def diff(
    old: Annotated[Path, typer.Argument(help="The earlier version: a pack folder, or a folder that holds packs.")],
    new: Annotated[Path, typer.Argument(help="The later version.")],
    region: Region = None,
    as_json: Json = False,
) -> None:
    """What differs between two versions of a pack, in German sentences."""
    from bot.difference import changes, regions, rows, told  # noqa: PLC0415

    for path in (old, new):
        if not path.is_dir():
            raise UsageError(f"{path} is not a folder; name two folders, the earlier version first")
    before, after = regions(old), regions(new)
    found = changes(before, after)
    if region is not None and region not in found:
        both = ", ".join(found) or "none"
        raise UsageError(f"--region is '{region}', but both versions have only: {both}{nearest(region, found)}")
    chosen = {region: found[region]} if region else found
    if not chosen:
        raise UsageError(
            f"{old} and {new} have no region in common; they hold {', '.join(before)} and {', '.join(after)}"
        )
    typer.echo(json.dumps(rows(chosen), ensure_ascii=False, indent=2) if as_json else told(after, chosen))


@cli.command()
@said
def prove(
    region: Region = None,
    as_json: Json = False,
    paths: Annotated[bool, typer.Option("--paths", help="List every single path, too.")] = False,
    mutate: Annotated[
        int, typer.Option("--mutate", min=0, help="Seed so many faults in a copy of each pack; does check find them?")
    ] = 0,
    output: Output = None,
    config: Config = None,
) -> None:
    """Walk every path of every guideline with the real engine; exit 1 if one breaks, or if check misses faults."""
    from bot.prove import summaries, told, ways  # noqa: PLC0415
    from bot.tested import tested, trials  # noqa: PLC0415

    settings = settings_from(config)
    known = app.knowledge(settings)
    chosen = app.one_of("region", region or settings.region, known.regions)
    regions = (chosen,) if chosen else known.regions
    found = list(ways(known, regions))
    tried = trials((SHIPPED, *settings.packs), regions, mutate) if mutate else []
    if as_json:
        tree = {
            "summary": [summary.numbers() for summary in summaries(found)],
            "paths": [asdict(way) for way in found],
            "faults": [trial.numbers() for trial in tried],
        }
        text = json.dumps(tree, ensure_ascii=False, indent=2)
    else:
        listed = [f"{way.region} · {way.audience} · {way.trail} → {', '.join(way.actors)}" for way in found if paths]
        text = "\n".join([*listed, *told(found), *tested(tried)])
    write(text, output)
    raise typer.Exit(1 if any(way.broken for way in found) or not all(trial.enough for trial in tried) else 0)
