"""Commands about the anonymous request statistics: report."""

import re
from enum import StrEnum
from typing import Annotated

import typer

from bot import app
from bot.app import UsageError
from bot.cli.base import Config, Db, Output, Region, cli, pack_of, said, settings_from, write


class ReportFormat(StrEnum):
    TEXT = "text"
    JSON = "json"


@cli.command()
@said
def report(
    period: Annotated[str | None, typer.Option(help="2026, 2026-Q4 or 2026-W47.")] = None,
    region: Region = None,
    form: Annotated[ReportFormat, typer.Option("--format")] = ReportFormat.TEXT,
    output: Output = None,
    db_url: Db = None,
    config: Config = None,
) -> None:
    """The anonymous request statistics; values under five are hidden."""
    from bot import report as counting  # noqa: PLC0415

    settings = settings_from(config)
    if period is not None and not re.fullmatch(r"\d{4}(-Q[1-4]|-W[0-5]\d)?", period):
        raise UsageError(f"--period is '{period}', but must be a year, a quarter or a week: 2026, 2026-Q4 or 2026-W47")
    pack = pack_of(settings, region)
    store = app.open_store(app.database_url(settings, db_url))
    found = counting.tables(counting.selected(store.tally(), region=region, period=period))
    write(counting.as_json(found) if form is ReportFormat.JSON else counting.text(found, pack.concerns), output)
