"""Commands for dialogues as text: record, replay."""

import sys
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Annotated

import typer

from bot import app
from bot.app import UsageError
from bot.cli.base import Audience, Config, Lang, Region, cli, said, settings_from
from bot.dialogues import everywhere, read, regions_of, retold
from bot.dialogues import record as recorded
from bot.render import plain
from handlers.dialogue import Reply


@cli.command()
@said
def record(
    file: Annotated[Path, typer.Argument(help="The dialogue to write; it must not exist yet.")],
    region: Region = None,
    audience: Audience = None,
    lang: Lang = None,
    title: Annotated[str | None, typer.Option(help="First line of the file.")] = None,
    config: Config = None,
) -> None:
    """Write down a conversation: each line is a message, '>> do/all' a press. What is typed is kept in FILE."""
    settings = settings_from(config)
    if file.exists():
        raise UsageError(f"{file} exists already, and record never overwrites; choose another name")
    known = app.knowledge(settings)
    start = app.conversation(known, app.Start(region or settings.region, audience, lang or "de"))
    named = {"region": start.region, "audience": start.audience, "lang": lang}
    head = {key: str(value) for key, value in named.items() if value}
    parts = ["\n".join([f"= {title or file.stem}", *(f"{key}: {value}" for key, value in head.items())])]
    parts += recorded(known, head, _typed(), _show)
    try:
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text("\n\n".join(parts) + "\n", "utf-8")
    except OSError as error:
        raise UsageError(f"{file} cannot be written: {error.strerror}") from None
    typer.echo(f"{len(parts) - 1} messages written to {file}", err=True)


def _typed() -> Iterator[str]:
    """The lines typed, until the end; in a terminal also until Ctrl-C."""
    terminal = sys.stdin.isatty()
    try:
        while line := _line(prompt=terminal):
            yield line
    except KeyboardInterrupt:
        return


def _line(*, prompt: bool) -> str:
    if prompt:
        typer.echo("> ", nl=False)
    return sys.stdin.readline()


def _show(replies: tuple[Reply, ...]) -> None:
    typer.echo(f"{plain(replies)}\n")


@cli.command()
@said
def replay(
    files: Annotated[list[Path], typer.Argument(help="Dialogues to replay.")],
    update: Annotated[bool, typer.Option("--update", help="Write down what is answered now; read the change.")] = False,
    config: Config = None,
) -> None:
    """Replay dialogues; every difference as `file:line: expected …, got …`; exit 1 if there is one."""
    known = app.knowledge(settings_from(config))
    problems = []
    for file in files:
        scene, wrong = read(file, str(file))
        if wrong:
            problems += wrong
        elif update:
            region = next(iter(regions_of(known, file)), None)
            file.write_text(retold(known, scene, region), "utf-8")
        else:
            problems += everywhere(known, scene, file)
    _told(str(problem) for problem in problems)
    typer.echo(f"{len(files)} dialogues, {len(problems)} differences", err=True)
    raise typer.Exit(1 if problems else 0)


def _told(lines: Iterable[str]) -> None:
    for line in lines:
        typer.echo(line)
