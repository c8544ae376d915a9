"""Commands that carry the directory to other systems and back: export, import."""

from collections.abc import Callable, Mapping, Sequence
from enum import StrEnum
from pathlib import Path
from typing import Annotated, Any

import typer
from typer.core import TyperGroup

from bot.app import UsageError
from bot.cli.base import Config, Output, Region, cli, pack_of, said, settings_from, table_text, write_bytes
from bot.exchange.admit import Incoming
from bot.exchange.pack_files import Change, changes, write
from knowledge.folders import SHIPPED
from knowledge.load import examine
from knowledge.model import Pack
from knowledge.source import Problem
from knowledge.texts import Texts

TEMPLATE = Path(__file__).parent.parent / "exchange" / "template.csv"


class Form(StrEnum):
    HSDS = "hsds"
    VCARD = "vcard"
    ICS = "ics"
    CSV = "csv"


class Table(StrEnum):
    HSDS = "hsds"
    CSV = "csv"


class ActorsUnlessSaid(TyperGroup):
    """`import --format csv FILE` means `import actors --format csv FILE`."""

    def parse_args(self, ctx: Any, args: list[str]) -> list[str]:  # click's Context, or typer's own copy of it
        named = not args or args[0] in self.commands or args[0] in ctx.help_option_names
        return super().parse_args(ctx, args if named else ["actors", *args])


imports = typer.Typer(
    cls=ActorsUnlessSaid, no_args_is_help=True, help="Take over actors or schools from other systems."
)
cli.add_typer(imports, name="import")


@cli.command()
@said
def export(
    form: Annotated[Form, typer.Option("--format", help="What the other system reads.")] = Form.HSDS,
    region: Region = None,
    output: Output = None,
    config: Config = None,
) -> None:
    """The directory for other systems: what anybody may read of it. The same bytes every time."""
    settings = settings_from(config)
    pack = pack_of(settings, region)
    texts = examine((SHIPPED, *settings.packs), thorough=False).texts["de"]
    write_bytes(_exported(form, pack, texts), output)


def _exported(form: Form, pack: Pack, texts: Texts) -> bytes:
    from bot.exchange import hsds, ics, shared, table, vcard  # noqa: PLC0415

    actors = [pack.actors[actor_id] for actor_id in sorted(pack.actors)]
    match form:
        case Form.HSDS:
            return hsds.export(pack, texts).encode()
        case Form.ICS:
            return ics.calendar([(actor, shared.home(pack, actor)) for actor in actors])
        case Form.CSV:
            return table.export(actors).encode()
        case Form.VCARD:
            labels = {concern.id: concern.label for concern in pack.concerns.values()}
            return "".join(
                vcard.vcard(
                    actor,
                    texts,
                    home=shared.home(pack, actor),
                    categories=[labels[concern] for concern in shared.concerns(pack, actor)],
                )
                for actor in actors
            ).encode()


@imports.command()
@said
def actors(
    file: Annotated[Path | None, typer.Argument(help="What the other system wrote.")] = None,
    form: Annotated[Table, typer.Option("--format", help="How it is written.")] = Table.CSV,
    pack: Annotated[Path | None, typer.Option("--pack", help="Folder of your city's pack.")] = None,
    dry_run: Annotated[bool, typer.Option("--dry-run", help="Only say what would change.")] = False,
    replace: Annotated[bool, typer.Option("--replace", help="Also overwrite actors that are there.")] = False,
    template: Annotated[bool, typer.Option("--template", help="Print an empty table to fill in.")] = False,
) -> None:
    """Actors into a city's pack: one file each; all of them or, if a row is wrong, none."""
    if template:
        typer.echo(TEMPLATE.read_bytes(), nl=False)
        return
    if file is None or pack is None:
        raise UsageError("name the file and the city's pack: schullotse import actors FILE --pack DIR")
    if not (pack / "pack.yaml").is_file():
        raise UsageError(f"{pack} is not a pack; name a folder that holds pack.yaml")
    _import(file, form, pack.resolve(), dry_run=dry_run, overwrite=replace)


def _import(file: Path, form: Table, pack: Path, *, dry_run: bool, overwrite: bool) -> None:
    from bot.exchange import hsds_import, table  # noqa: PLC0415

    readers: Mapping[Table, Callable[[str, str], tuple[list[Incoming], list[Problem]]]] = {
        Table.CSV: table.read,
        Table.HSDS: hsds_import.read,
    }
    arrived, problems = readers[form](table_text(file), str(file))
    errors = [str(problem) for problem in problems if not problem.warning]
    if errors:
        raise UsageError("\n".join([*errors, f"{len(errors)} problems in {file}; nothing was written"]))
    for problem in problems:
        typer.echo(f"warning: {problem}", err=True)
    found = changes(pack, arrived)
    for change in found:
        typer.echo(f"{change.actor.id}: {'; '.join(change.words) or 'as in the pack already'}")
    wanted = [change for change in found if change.words and (overwrite or not change.present)]
    if not dry_run:
        try:
            write(pack, wanted)
        except OSError as error:
            raise UsageError(f"{error.filename} cannot be written: {error.strerror}") from None
    _summed_up(found, wanted, pack, dry_run=dry_run)


def _summed_up(found: Sequence[Change], wanted: Sequence[Change], pack: Path, *, dry_run: bool) -> None:
    kept = sum(bool(change.words) for change in found) - len(wanted)
    typer.echo(
        f"{len(wanted)} of {len(found)} actors {'would be' if dry_run else 'were'} written to {pack / 'actors'}"
        + (f"; {kept} differ from the pack and stay: add --replace to overwrite them" if kept else "")
        + ("" if dry_run or not wanted else f". Now run: schullotse check {pack}"),
        err=True,
    )
