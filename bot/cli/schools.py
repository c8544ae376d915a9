"""Commands for what a city knows of its places: its schools, its meetings and deadlines."""

from collections.abc import Sequence
from enum import StrEnum
from pathlib import Path
from typing import Annotated

import typer

from bot.app import UsageError
from bot.cli.base import Config, Output, Region, cli, pack_of, said, settings_from, table_text, write_bytes
from bot.cli.exchange import imports
from knowledge import rows as table
from knowledge.folders import SHIPPED, chain, folders
from knowledge.model import Pack
from knowledge.resolve import Resolver
from knowledge.source import Problem


class Form(StrEnum):
    TEXT = "text"
    ICS = "ics"


@imports.command()
@said
def schools(
    file: Annotated[Path | None, typer.Argument(help="A table of schools: CSV, UTF-8.")] = None,
    pack: Annotated[Path | None, typer.Option("--pack", help="Folder of your city's pack.")] = None,
    dry_run: Annotated[bool, typer.Option("--dry-run", help="Only say what would change.")] = False,
    partial: Annotated[bool, typer.Option("--partial", help="Take the rows without a mistake.")] = False,
    city: Annotated[str, typer.Option("--city", help="Only the schools of this city.")] = "",
    source: Annotated[str, typer.Option("--source", help="Where the table was read, for rows that do not say.")] = "",
    as_of: Annotated[str, typer.Option("--as-of", help="From when it is: YYYY, YYYY-MM, YYYY-MM-DD or unknown.")] = "",
    template: Annotated[bool, typer.Option("--template", help="Print an empty table to fill in.")] = False,
    config: Config = None,
) -> None:
    """Schools into a city's pack: all rows or, if one is wrong, none. No name of a person is taken over."""
    from bot.exchange import school_table  # noqa: PLC0415

    if template:
        typer.echo("\n".join(school_table.template()))
        return
    if file is None or pack is None:
        raise UsageError("name the file and the city's pack: schullotse import schools FILE --pack DIR")
    usual = {column: value for column, value in (("source", source), ("as_of", as_of)) if value}
    known = _pack(pack, settings_from(config).packs)
    arrived = school_table.read(table_text(file), str(file), known, usual=usual, city=city)
    _said(arrived.problems, file, partial=partial and bool(arrived.rows))
    after = school_table.merged(_present(pack), arrived.rows)
    if not dry_run:
        _write(pack / table.FILE, table.written(after.rows))
    typer.echo(
        f"{after.new} new, {after.changed} changed, {after.same} as before, {after.kept} only in the pack: "
        f"{len(after.rows)} schools {'would stand' if dry_run else 'stand'} in {pack / table.FILE}"
        + ("" if dry_run else f". Now run: schullotse check {pack}"),
        err=True,
    )


@cli.command()
@said
def dates(
    region: Region = None,
    form: Annotated[Form, typer.Option("--format", help="For people, or for a calendar.")] = Form.TEXT,
    output: Output = None,
    config: Config = None,
) -> None:
    """Meetings and deadlines of a city: every day in its dates.yaml. The same bytes every time."""
    from bot.exchange import dates as dated  # noqa: PLC0415

    pack = pack_of(settings_from(config), region)
    data = dated.calendar(pack) if form is Form.ICS else dated.text(pack).encode()
    write_bytes(data, output)


def _pack(folder: Path, roots: Sequence[Path]) -> Pack:
    """The pack in *folder* with its parents, as far as it can be read."""
    if not (folder / "pack.yaml").is_file():
        raise UsageError(f"{folder} is not a pack; name a folder that holds pack.yaml")
    found, _ = folders((SHIPPED, *roots, folder.resolve()))
    line, problems = chain(found, folder.resolve().name)
    if not line:
        raise UsageError("\n".join(map(str, problems)))
    return Resolver(line).pack()


def _present(folder: Path) -> list[dict[str, str]]:
    """The rows that the pack has already. A file that cannot be read is not overwritten."""
    if not (folder / table.FILE).is_file():
        return []
    document, problems = table.parse(table_text(folder / table.FILE), str(folder / table.FILE))
    if document is None or problems:
        raise UsageError("\n".join(map(str, problems)))
    return [dict(row) for row in document.tree if isinstance(row, dict) and "id" in row]  # type: ignore[arg-type]


def _said(problems: Sequence[Problem], file: Path, *, partial: bool) -> None:
    """Say every problem; UsageError if nothing may be written."""
    errors = [problem for problem in problems if not problem.warning]
    if errors and not partial:
        text = f"{len(errors)} problems in {file}; nothing was written. --partial takes the rows without a mistake"
        raise UsageError("\n".join([*map(str, errors), text]))
    for problem in problems:
        typer.echo(f"{'warning' if problem.warning else 'left out'}: {problem}", err=True)


def _write(file: Path, text: str) -> None:
    """All or nothing: a failed write leaves the old file."""
    part = file.with_name(f".{file.name}.part")
    try:
        part.write_text(text, "utf-8")
        part.replace(file)
    except OSError as error:
        raise UsageError(f"{file} cannot be written: {error.strerror}") from None
