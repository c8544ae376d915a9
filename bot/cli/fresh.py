"""Commands that keep facts fresh: due, confirm."""

import json
from datetime import date
from typing import Annotated

import typer

from bot import app
from bot.app import UsageError
from bot.cli.base import Config, Region, cli, said, settings_from
from knowledge.check.checker import DATE
from knowledge.folders import SHIPPED
from knowledge.load import PackError, examine, ordered

Value = Annotated[str | None, typer.Option()]


@cli.command()
@said
def due(
    region: Region = None,
    as_json: Annotated[bool, typer.Option("--json", help="A JSON list.")] = False,
    config: Config = None,
) -> None:
    """Facts that are due, overdue or were never confirmed, by actor, each with file and line."""
    from bot.due import due, rows, told  # noqa: PLC0415

    settings = settings_from(config)
    examined = examine((SHIPPED, *settings.packs), thorough=False)
    if examined.errors:
        raise PackError(examined.errors)
    known = ordered(examined.german)
    chosen = app.one_of("region", region or settings.region, known)
    found = due(examined, (chosen,) if chosen else known, app.now().date())
    typer.echo(json.dumps(rows(found), ensure_ascii=False, indent=2) if as_json else told(found))


@cli.command()
@said
def confirm(
    actor: Annotated[str, typer.Argument(help="Id of the actor, for example kub.")],
    phone: Value = None,
    email: Value = None,
    web: Value = None,
    address: Value = None,
    hours: Annotated[str | None, typer.Option(help="As people read them: Mo–Do 9–17 Uhr.")] = None,
    opens: Annotated[
        list[str] | None, typer.Option(help="The hours for the machine, once for each line: Mo-Do 09:00-17:00.")
    ] = None,
    label: Annotated[str | None, typer.Option(help="Which one, where an actor has several: Hotline.")] = None,
    source: Annotated[str | None, typer.Option(help="Who said so; needed for a new value.")] = None,
    as_of: Annotated[str | None, typer.Option(help="YYYY, YYYY-MM or YYYY-MM-DD; today if it is not said.")] = None,
    region: Region = None,
    dry_run: Annotated[bool, typer.Option("--dry-run", help="Only say what would be changed.")] = False,
    config: Config = None,
) -> None:
    """Write a right value and today's date into the file where it stands; without a value: all still holds."""
    from bot.confirm import Confirmed, change  # noqa: PLC0415
    from bot.page import PageError  # noqa: PLC0415

    settings = settings_from(config)
    given = {"phone": phone, "email": email, "web": web, "address": address, "hours": hours}
    values = {kind: value.strip() for kind, value in given.items() if value is not None}
    if opens and hours is None:
        raise UsageError("--opens stands without --hours; say the hours as people read them, too")
    found = Confirmed(
        as_of=_date(as_of), source=(source or "").strip(), values=values, label=label, opens=tuple(opens or ())
    )
    try:
        changed = change((SHIPPED, *settings.packs), actor, found, region)
        if not dry_run:
            changed.write()
    except PageError as error:
        raise UsageError(str(error)) from None
    except OSError as error:
        raise UsageError(f"the file of '{actor}' cannot be written: {error.strerror}") from None
    typer.echo("\n".join(changed.told))
    typer.echo(f"{changed.path} {'would be' if dry_run else 'is'} changed", err=True)


def _date(as_of: str | None) -> str:
    """*as_of* or today. UsageError for what is no date or lies ahead."""
    today = app.now().date().isoformat()
    if as_of is None:
        return today
    if not DATE.fullmatch(as_of) or as_of == "unknown":
        raise UsageError(f"--as-of is '{as_of}'; write YYYY, YYYY-MM or YYYY-MM-DD")
    try:
        date.fromisoformat(as_of if len(as_of) == 10 else f"{as_of}-01-01"[:10])
    except ValueError:
        raise UsageError(f"--as-of is '{as_of}', a day that does not exist") from None
    if as_of > today:
        raise UsageError(f"--as-of is '{as_of}', which lies ahead; nobody can have confirmed it yet")
    return as_of
