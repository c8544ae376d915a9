"""Commands about the knowledge packs: check, graph, show."""

import json
from enum import StrEnum
from pathlib import Path
from typing import Annotated

import typer

from bot import graph as drawing
from bot.app import UsageError
from bot.cli.base import Config, Output, Region, cli, pack_of, said, settings_from, write
from knowledge.folders import SHIPPED, folders
from knowledge.load import with_examples
from knowledge.schema import nearest


class GraphFormat(StrEnum):
    MERMAID = "mermaid"
    DOT = "dot"
    SVG = "svg"


class Part(StrEnum):
    ACTORS = "actors"
    CONCERNS = "concerns"
    FLOWS = "flows"


@cli.command()
@said
def check(
    packs: Annotated[
        list[Path] | None,
        typer.Argument(help="Pack folders, or folders that hold packs; shipped ones if none is named."),
    ] = None,
    as_json: Annotated[bool, typer.Option("--json", help="A JSON list.")] = False,
    stamp: Annotated[
        bool, typer.Option("--stamp", help="Mark all translations as made from the present German.")
    ] = False,
    config: Config = None,
) -> None:
    """All problems of the packs, each `file:line: what is wrong, what would be right`; exit 1 if there are any."""
    settings = settings_from(config)
    roots = tuple(dict.fromkeys((*_roots(packs), *settings.packs)))
    if stamp:
        from bot.stamp import stamp_all  # noqa: PLC0415

        typer.echo(f"{stamp_all(roots)} translations stamped", err=True)
    examined = with_examples(roots)
    if as_json:
        rows = [
            {"file": one.file, "line": one.line, "text": one.text, "warning": one.warning} for one in examined.problems
        ]
        typer.echo(json.dumps(rows, ensure_ascii=False, indent=2))
    else:
        for problem in examined.problems:
            typer.echo(f"{problem.file}:{problem.line}: {'warning: ' if problem.warning else ''}{problem.text}")
        warnings = len(examined.problems) - len(examined.errors)
        regions = sorted({region for region, _ in examined.packs})
        served = ", ".join(regions) or "none could be read"
        typer.echo(f"{len(examined.errors)} problems, {warnings} warnings; regions: {served}", err=True)
    raise typer.Exit(1 if examined.errors else 0)


def _roots(packs: list[Path] | None) -> list[Path]:
    """The named folders; with the shipped packs they extend, unless they bring their own."""
    if not packs:
        return [SHIPPED]
    for path in packs:
        if not path.is_dir():
            raise UsageError(f"{path} is not a folder; name a pack folder or a folder that holds packs")
    found, _ = folders(packs)
    complete = all(not folder.pack.extends or folder.pack.extends in found for folder in found.values())
    return packs if complete else [SHIPPED, *packs]


@cli.command()
@said
def graph(
    flow: Annotated[str, typer.Argument(help="Id of the flow, for example fehlzeiten.")],
    region: Region = None,
    form: Annotated[GraphFormat, typer.Option("--format")] = GraphFormat.MERMAID,
    output: Output = None,
    config: Config = None,
) -> None:
    """Draw a guideline from its data."""
    settings = settings_from(config)
    pack = pack_of(settings, region)
    if flow not in pack.flows:
        raise UsageError(
            f"there is no flow '{flow}' in {pack.id}{nearest(flow, pack.flows)} (all: {', '.join(sorted(pack.flows))})"
        )
    write(drawing.draw(pack.flows[flow], form.value), output)


@cli.command()
@said
def show(
    part: Annotated[Part, typer.Argument()] = Part.ACTORS,
    region: Region = None,
    as_json: Annotated[bool, typer.Option("--json")] = False,
    config: Config = None,
) -> None:
    """The resolved knowledge, and which file each fact comes from."""
    from bot.show import listed  # noqa: PLC0415

    typer.echo(listed(pack_of(settings_from(config), region), part.value, as_json=as_json))
