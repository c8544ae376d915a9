"""Commands for one person at a terminal: chat and ask."""

import json
import secrets
import sys
from functools import partial
from typing import Annotated, Any

import typer

from bot import app
from bot import ask as asking
from bot.app import Start, UsageError
from bot.assistant import take_turn
from bot.cli.base import Audience, Config, Db, Lang, Region, cli, said, settings_from
from handlers.dialogue import Card, CardLine


@cli.command()
@said
def chat(
    region: Region = None, audience: Audience = None, lang: Lang = None, db_url: Db = None, config: Config = None
) -> None:
    """A conversation in the terminal; reads one message a line and works in a pipe."""
    from bot.channels.console import converse  # noqa: PLC0415

    settings = settings_from(config)
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
        converse(partial(take_turn, bot, store), sys.stdin, sys.stdout, chat=secrets.token_hex(8), show=show)
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
    settings = settings_from(config)
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
