"""Commands about the knowledge packs: check, graph, show."""

import json
import time
from dataclasses import replace
from enum import StrEnum
from pathlib import Path
from typing import Annotated

import typer

from bot import app
from bot import graph as drawing
from bot.app import UsageError
from bot.cli.base import Config, Output, Region, cli, pack_of, said, settings_from, write
from bot.watch import Checked, Checks
from knowledge.folders import SHIPPED, chain, folders
from knowledge.origin import origins
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
    watch: Annotated[bool, typer.Option("--watch", help="Check again after every change, until Ctrl-C.")] = False,
    online: Annotated[bool, typer.Option("--online", help="Ask every link, too; needs a network.")] = False,
    config: Config = None,
) -> None:
    """All problems of the packs, each `file:line: what is wrong, what would be right`; exit 1 if there are errors."""
    settings = settings_from(config)
    roots = tuple(dict.fromkeys((*_roots(packs), *settings.packs)))
    if stamp:
        from bot.stamp import stamp_all  # noqa: PLC0415

        typer.echo(f"{stamp_all(roots)} translations stamped", err=True)
    checks = Checks(roots, folders(packs)[0] if packs else (), app.cache_folder())
    if watch:
        _follow(checks, as_json=as_json)
        return
    checked = checks.check()
    if online:
        from bot.online import dead  # noqa: PLC0415

        checked = replace(checked, problems=(*checked.problems, *dead(checks.links())))
    _report(checked, as_json=as_json)
    raise typer.Exit(1 if checked.count("error") else 0)


def _follow(checks: Checks, *, as_json: bool) -> None:
    """Report after every change, until Ctrl-C ends it."""
    try:
        for checked in checks.follow(time.sleep):
            _report(checked, as_json=as_json)
            typer.echo(f"{app.now():%H:%M:%S} waiting for changes; Ctrl-C ends", err=True)
    except KeyboardInterrupt:
        return


def _report(checked: Checked, *, as_json: bool) -> None:
    if as_json:
        rows = [
            {"file": one.file, "line": one.line, "level": one.level, "text": one.text, "warning": one.level != "error"}
            for one in checked.problems
        ]
        typer.echo(json.dumps(rows, ensure_ascii=False, indent=2))
    else:
        for one in checked.problems:
            typer.echo(f"{one.file}:{one.line}: {'' if one.level == 'error' else f'{one.level}: '}{one.text}")
        errors, warnings, advice = (checked.count(level) for level in ("error", "warning", "hint"))
        served = ", ".join(checked.regions) or "none could be read"
        typer.echo(f"{errors} problems, {warnings} warnings, {advice} hints; regions: {served}", err=True)


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
    origin: Annotated[
        bool, typer.Option("--origin", help="Each single value with file and line, and what it replaced in a parent.")
    ] = False,
    config: Config = None,
) -> None:
    """The resolved knowledge, and which file each fact comes from."""
    from bot.show import listed, traced  # noqa: PLC0415

    settings = settings_from(config)
    pack = pack_of(settings, region)
    if not origin:
        typer.echo(listed(pack, part.value, as_json=as_json))
        return
    found, _ = folders((SHIPPED, *settings.packs))
    typer.echo(traced(origins(chain(found, pack.id)[0], part.value), as_json=as_json))
