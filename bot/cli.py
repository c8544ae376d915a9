"""The command `schullotse`: one function a command, exit codes as the contract fixes them."""

import json
import re
import secrets
import sys
from collections.abc import Callable
from enum import StrEnum
from functools import wraps
from importlib.metadata import version as installed
from pathlib import Path
from typing import Annotated, Any, ParamSpec, TypeVar

import typer

from bot import app
from bot import ask as asking
from bot import graph as drawing
from bot.app import Start, UsageError
from bot.store import StoreError
from config import logs
from config.settings import Settings, SettingsError, read
from handlers.dialogue import Card, CardLine
from knowledge.folders import SHIPPED, folders
from knowledge.load import PackError, examine, with_examples
from knowledge.model import Pack
from knowledge.schema import nearest

P = ParamSpec("P")
T = TypeVar("T")

cli = typer.Typer(
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
    help="Schullotse: wer hilft, wenn ein Kind nicht zur Schule geht.",
)
db = typer.Typer(no_args_is_help=True, help="The database.")
cli.add_typer(db, name="db")

Region = Annotated[str | None, typer.Option(help="City, for example dortmund.")]
Audience = Annotated[str | None, typer.Option(help="teacher, parent, student or coordinator.")]
Lang = Annotated[str | None, typer.Option(help="Language of the replies: de, en …")]
Config = Annotated[
    Path | None, typer.Option("--config", help="Settings file (else SCHULLOTSE_CONFIG, else ./schullotse.yaml).")
]
Db = Annotated[
    str | None, typer.Option("--db", help="Database address (default: a SQLite file in the user's data folder).")
]
Output = Annotated[Path | None, typer.Option("-o", "--output", help="Write to this file.")]


class GraphFormat(StrEnum):
    MERMAID = "mermaid"
    DOT = "dot"
    SVG = "svg"


class ReportFormat(StrEnum):
    TEXT = "text"
    JSON = "json"


class Part(StrEnum):
    ACTORS = "actors"
    CONCERNS = "concerns"
    FLOWS = "flows"


def said(command: Callable[P, T]) -> Callable[P, T]:
    """Mistakes of the user or the machine end in a sentence and exit code 2, never in a traceback."""

    @wraps(command)
    def run(*args: P.args, **kwargs: P.kwargs) -> T:
        try:
            return command(*args, **kwargs)
        except (SettingsError, UsageError, StoreError) as error:
            typer.echo(str(error), err=True)
        except PackError as error:
            typer.echo(f"The knowledge packs have {len(error.problems)} problems:\n{error}", err=True)
        except BrokenPipeError:
            sys.stderr.close()  # the reader has gone; nothing more can be said
            raise typer.Exit(0) from None
        except KeyboardInterrupt:
            raise typer.Exit(130) from None
        raise typer.Exit(2)

    return run


def _settings(config: Path | None) -> Settings:
    settings = read(config)
    logs.set_up(settings.log_level)
    return settings


def _write(text: str, output: Path | None) -> None:
    if output is None:
        typer.echo(text, nl=not text.endswith("\n"))
        return
    try:
        output.write_text(text, "utf-8")
    except OSError as error:
        raise UsageError(f"{output} cannot be written: {error.strerror}") from None


def _version(asked: bool) -> None:
    if asked:
        typer.echo(f"schullotse {installed('schullotse')}")
        raise typer.Exit


@cli.callback()
def main_options(
    _: Annotated[bool, typer.Option("--version", callback=_version, is_eager=True, help="Show the version.")] = False,
) -> None:
    """Schullotse: wer hilft, wenn ein Kind nicht zur Schule geht."""


@cli.command()
@said
def chat(
    region: Region = None, audience: Audience = None, lang: Lang = None, db_url: Db = None, config: Config = None
) -> None:
    """A conversation in the terminal; reads one message a line and works in a pipe."""
    from bot.channels.console import converse  # noqa: PLC0415

    settings = _settings(config)
    known = app.knowledge(settings)
    store = app.open_store(app.database_url(settings, db_url))
    bot = app.assistant(known, store, Start(region or settings.region, audience, lang or "de"))
    show = None
    if sys.stdin.isatty() and sys.stdout.isatty():
        from rich.console import Console  # noqa: PLC0415

        from bot.terminal import draw  # noqa: PLC0415

        console = Console()
        show = lambda replies: draw(console, replies)  # noqa: E731
    sys.stdin.reconfigure(errors="replace")  # type: ignore[union-attr]
    sys.stdout.reconfigure(errors="replace")  # type: ignore[union-attr]
    try:
        converse(bot.answer, sys.stdin, sys.stdout, chat=secrets.token_hex(8), show=show)
    finally:
        store.close()


@cli.command()
@said
def ask(
    text: Annotated[str | None, typer.Argument(help="The question.")] = None,
    region: Region = None,
    audience: Audience = None,
    lang: Lang = None,
    as_json: Annotated[bool, typer.Option("--json", help="One JSON object.")] = False,
    jsonl: Annotated[bool, typer.Option("--jsonl", help="JSON lines in, JSON lines out.")] = False,
    config: Config = None,
) -> None:
    """One question, one answer: concerns, responsible actors with contact cards, why. Nothing is logged."""
    settings = _settings(config)
    if jsonl == (text is not None):
        raise UsageError(
            "name either a question or --jsonl, for example: schullotse ask 'Kind hat Angst vor der Schule'"
        )
    known = app.knowledge(settings)
    if jsonl:
        sys.stdin.reconfigure(errors="replace")  # type: ignore[union-attr]
        asking.lines(known, sys.stdin, sys.stdout, app.now())
        return
    start = app.conversation(known, Start(region or settings.region, audience, "de"))
    question = {"text": text, "lang": lang, "region": start.region, "audience": audience}
    found = asking.ask(known, question, app.now())
    if as_json:
        cards = [
            {"actor": card.actor, "name": card.title, "lines": [_line(line) for line in card.lines]}
            for card in found.cards()
        ]
        typer.echo(
            json.dumps(
                {**asking.summary(found), "language": found.language, "cards": cards}, ensure_ascii=False, indent=2
            )
        )
    else:
        from bot.render import plain  # noqa: PLC0415

        typer.echo(plain(found.replies()))
    if not found.understood:
        raise typer.Exit(3)


def _card(card: Card) -> dict[str, Any]:
    return {"actor": card.actor, "name": card.title, "lines": [_line(line) for line in card.lines]}


def _line(line: CardLine) -> dict[str, str]:
    return {name: value for name in ("kind", "label", "value", "hint") if (value := getattr(line, name))}


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
    settings = _settings(config)
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
    settings = _settings(config)
    pack = _pack(settings, region)
    if flow not in pack.flows:
        raise UsageError(
            f"there is no flow '{flow}' in {pack.id}{nearest(flow, pack.flows)} (all: {', '.join(sorted(pack.flows))})"
        )
    _write(drawing.draw(pack.flows[flow], form.value), output)


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

    typer.echo(listed(_pack(_settings(config), region), part.value, as_json=as_json))


def _pack(settings: Settings, region: str | None) -> Pack:
    examined = examine((SHIPPED, *settings.packs), thorough=False)
    if examined.errors:
        raise PackError(examined.errors)
    regions = tuple(sorted({name for name, _ in examined.packs}))
    return examined.packs[app.one_of("region", region or settings.region, regions) or regions[0], "de"]


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

    settings = _settings(config)
    if period is not None and not re.fullmatch(r"\d{4}(-Q[1-4]|-W[0-5]\d)?", period):
        raise UsageError(f"--period is '{period}', but must be a year, a quarter or a week: 2026, 2026-Q4 or 2026-W47")
    pack = _pack(settings, region)
    store = app.open_store(app.database_url(settings, db_url))
    found = counting.tables(counting.selected(store.tally(), region=region, period=period))
    _write(counting.as_json(found) if form is ReportFormat.JSON else counting.text(found, pack.concerns), output)


@db.command("upgrade")
@said
def db_upgrade(db_url: Db = None, config: Config = None) -> None:
    """Bring the database to the newest version."""
    settings = _settings(config)
    app.open_store(app.database_url(settings, db_url)).close()
    typer.echo("The database is up to date.", err=True)


@cli.command()
@said
def purge(db_url: Db = None, config: Config = None) -> None:
    """Delete every conversation that is idle, too old or unreadable."""
    settings = _settings(config)
    store = app.open_store(app.database_url(settings, db_url))
    count = app.purge(store)
    typer.echo(f"{count} conversations deleted", err=True)


@cli.command()
@said
def forget(
    everything: Annotated[bool, typer.Option("--all", help="Confirm: all open conversations.")] = False,
    db_url: Db = None,
    config: Config = None,
) -> None:
    """New secret, every open conversation forgotten."""
    if not everything:
        raise UsageError(
            "add --all to forget every open conversation; single ones are forgotten by their writers with 'löschen'"
        )
    settings = _settings(config)
    store = app.open_store(app.database_url(settings, db_url))
    keys = [sealed.key for sealed in store.conversations()]
    app.keyring().forget()
    if keys:
        store.delete(keys)
    typer.echo(f"{len(keys)} conversations forgotten", err=True)


@cli.command()
@said
def doctor(config: Config = None) -> None:
    """Check configuration, database, channels and packs; say what to do. Exit 1 if something is wrong."""
    from bot.doctor import examine_all  # noqa: PLC0415

    findings = list(examine_all(_settings(config)))
    for finding in findings:
        typer.echo(f"{'ok  ' if finding.ok else 'FAIL'} {finding.text}")
    raise typer.Exit(0 if all(finding.ok for finding in findings) else 1)


@cli.command()
@said
def serve(config: Config = None) -> None:
    """Run every configured channel until SIGTERM."""
    settings = _settings(config)
    named = [
        name
        for name, there in (
            ("telegram", settings.telegram.token),
            ("matrix", settings.matrix.homeserver),
            ("web", settings.web.port),
        )
        if there
    ]
    if named:
        raise UsageError(f"this version has no channel '{named[0]}' yet; 'schullotse chat' works")
    raise UsageError(
        "no channel is configured; set for example SCHULLOTSE_TELEGRAM__TOKEN, see config/schullotse.example.yaml"
    )


def main() -> None:
    """Entry point of the console script."""
    cli()
