"""Commands about the anonymous request statistics: report, release, demo-data."""

from collections.abc import Mapping
from enum import StrEnum
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from bot import app
from bot.app import UsageError
from bot.cli.base import Config, Db, Output, Region, cli, said, settings_from, write, write_bytes
from config.settings import Settings
from knowledge.folders import SHIPPED
from knowledge.load import PackError, examine
from knowledge.model import Pack

if TYPE_CHECKING:
    from bot.review.publish import Published
    from bot.review.report import Report
    from bot.review.words import Words
    from bot.store.releases import Releases

Period = Annotated[str | None, typer.Option(help="A month, a quarter or a year: 2026-11, 2026-Q4, 2026.")]


class ReportFormat(StrEnum):
    TEXT = "text"
    HTML = "html"
    CSV = "csv"
    XLSX = "xlsx"
    JSON = "json"


class DemoSize(StrEnum):
    SMALL = "small"
    MEDIUM = "medium"
    LARGE = "large"


@cli.command()
@said
def report(
    period: Period = None,
    region: Region = None,
    form: Annotated[ReportFormat, typer.Option("--format")] = ReportFormat.TEXT,
    output: Output = None,
    db_url: Db = None,
    config: Config = None,
) -> None:
    """The anonymous request statistics: released tables, and the weeks since then rounded. Nobody can be seen."""
    from bot.review import publish  # noqa: PLC0415 - a question without statistics need not wait for this
    from bot.review.report import select  # noqa: PLC0415
    from bot.review.words import words  # noqa: PLC0415

    settings = settings_from(config)
    _checked(period)
    packs = _packs(settings, region)
    store = _releases(settings, db_url)
    counted = [name for name in store.regions() if name in packs]
    running = [publish.open_weeks(store, name, app.now().date()) for name in counted]
    found = select([one for one in store.all() if one.region in packs], running, period=period)
    _export(found, words(packs), form, output)


@cli.command()
@said
def release(
    period: Period = None,
    region: Region = None,
    correct: Annotated[bool, typer.Option("--correct", help="Publish a corrected version of --period.")] = False,
    db_url: Db = None,
    config: Config = None,
) -> None:
    """Close every month, quarter and year that is over: safe tables, audited, frozen, hashed. Exit 1: refused."""
    from bot.review.closing import RefusedError  # noqa: PLC0415

    settings = settings_from(config)
    _checked(period)
    packs = _packs(settings, region)
    store = _releases(settings, db_url)
    if correct and period is None:
        raise UsageError("--correct needs --period: name the released month, quarter or year")
    try:
        if correct and period is not None:
            found = _corrected(store, packs, period)
        else:
            found = _closed(settings, store, packs, period)
    except RefusedError as error:
        typer.echo(str(error), err=True)
        raise typer.Exit(1) from None
    for made in found.releases:
        typer.echo(f"{made.region} {made.period} version {made.version} released, sha256 {made.sha256}")
    for reason in found.refused:
        typer.echo(reason, err=True)
    if not found.releases and not found.refused:
        typer.echo("Nothing is due.", err=True)
    raise typer.Exit(1 if found.refused else 0)


@cli.command("demo-data")
@said
def demo_data(
    size: Annotated[DemoSize, typer.Option(help="20, 60 or 300 requests a week.")] = DemoSize.MEDIUM,
    region: Region = None,
    db_url: Db = None,
    config: Config = None,
) -> None:
    """Fill a new database with invented requests of the last year, marked as examples, and close its releases."""
    from bot.review import demo  # noqa: PLC0415
    from bot.review import period as calendar  # noqa: PLC0415
    from bot.store import Batch, Done  # noqa: PLC0415

    settings = settings_from(config)
    packs = _packs(settings, region)
    store = _releases(settings, db_url)
    if store.regions():
        raise UsageError(
            f"the database holds {'real' if store.real() else 'example'} counts already; "
            "example data need a new one, for example --db sqlite:///example.db"
        )
    today = app.now().date()
    weeks = calendar.between(f"{today.year - 1}-W01", calendar.week_of(today))
    weeks = tuple(week for week in weeks if calendar.over(week, today))
    writer = app.open_store(app.database_url(settings, db_url))
    for name, pack in packs.items():
        writer.write(Batch(done=(Done((), None, tuple(demo.counts(pack, demo.Size(size.value), weeks))),)))
        typer.echo(f"{name}: invented requests for {len(weeks)} weeks", err=True)
    writer.close()
    for made in _closed(settings, store, packs, None).releases:
        typer.echo(f"{made.region} {made.period} released (example data)", err=True)


def _closed(settings: Settings, store: "Releases", packs: Mapping[str, Pack], period: str | None) -> "Published":
    """Everything that is due; what was asked for by name and is not due is refused with the reason."""
    from bot.review import publish  # noqa: PLC0415
    from bot.review.bounds import MissingError  # noqa: PLC0415
    from bot.review.closing import Rhythm  # noqa: PLC0415
    from bot.review.tables import lists  # noqa: PLC0415

    rhythm, today = Rhythm(settings.review.period), app.now().date()
    counted = [name for name in store.regions() if name in packs]
    try:
        found = publish.release_due(store, {name: lists(packs[name]) for name in counted}, rhythm, today, within=period)
    except MissingError as error:
        raise UsageError(str(error)) from None
    if period is None or found.releases or found.refused:
        return found
    reasons = tuple(publish.why_not(store, name, period, rhythm, today) for name in counted)
    return publish.Published((), reasons or ("the database holds no requests yet; there is nothing to release",))


def _corrected(store: "Releases", packs: Mapping[str, Pack], period: str) -> "Published":
    """The next version of *period* in the one region that is asked for, or that there is."""
    from bot.review import publish  # noqa: PLC0415
    from bot.review.bounds import MissingError  # noqa: PLC0415
    from bot.review.tables import lists  # noqa: PLC0415

    regions = sorted({one.region for one in store.all() if one.period == period and one.region in packs})
    if len(regions) > 1:
        raise UsageError(f"--correct needs --region: {period} is released for {', '.join(regions)}")
    name = regions[0] if regions else next(iter(packs))
    try:
        made = publish.correct_release(store, name, period, lists(packs[name]), app.now().date())
    except MissingError as error:
        raise UsageError(str(error)) from None
    return publish.Published((made,), ())


def _export(found: "Report", said_so: "Words", form: ReportFormat, output: Path | None) -> None:
    from bot.review import page, report, sheet  # noqa: PLC0415

    match form:
        case ReportFormat.JSON:
            write(report.as_json(found), output)
        case ReportFormat.CSV:
            write_bytes(report.as_csv(found, said_so).encode(), output)
        case ReportFormat.HTML:
            write(page.as_html(found, said_so), output)
        case ReportFormat.XLSX:
            write_bytes(sheet.as_xlsx(found, said_so), output)
        case ReportFormat.TEXT:
            write(report.as_text(found, said_so), output)


def _releases(settings: Settings, db_url: str | None) -> "Releases":
    from bot.store.database import opened  # noqa: PLC0415
    from bot.store.releases import Releases  # noqa: PLC0415

    return Releases(opened(app.database_url(settings, db_url)))


def _checked(period: str | None) -> None:
    from bot.review.period import is_period  # noqa: PLC0415

    if period is not None and not is_period(period):
        raise UsageError(f"--period is '{period}', but must be a month, a quarter or a year: 2026-11, 2026-Q4 or 2026")


def _packs(settings: Settings, region: str | None) -> dict[str, Pack]:
    """The packs of *region*, or of all regions, by region."""
    examined = examine((SHIPPED, *settings.packs), thorough=False)
    if examined.errors:
        raise PackError(examined.errors)
    regions = tuple(sorted({name for name, _ in examined.packs}))
    wanted = app.one_of("region", region, regions)
    return {name: examined.packs[name, "de"] for name in regions if wanted in {None, name}}
