"""Commands for those who run the bot: serve, doctor, db, purge, forget."""

from typing import Annotated

import typer

from bot import app
from bot.app import UsageError
from bot.cli.base import Config, Db, cli, said, settings_from

db = typer.Typer(no_args_is_help=True, help="The database.")
cli.add_typer(db, name="db")


@db.command("upgrade")
@said
def db_upgrade(db_url: Db = None, config: Config = None) -> None:
    """Bring the database to the newest version."""
    settings = settings_from(config)
    app.open_store(app.database_url(settings, db_url)).close()
    typer.echo("The database is up to date.", err=True)


@cli.command()
@said
def purge(db_url: Db = None, config: Config = None) -> None:
    """Delete every conversation that is idle, too old or unreadable."""
    settings = settings_from(config)
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
    settings = settings_from(config)
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

    findings = list(examine_all(settings_from(config)))
    for finding in findings:
        typer.echo(f"{'ok  ' if finding.ok else 'FAIL'} {finding.text}")
    raise typer.Exit(0 if all(finding.ok for finding in findings) else 1)


@cli.command()
@said
def serve(config: Config = None) -> None:
    """Run every configured channel until SIGTERM."""
    settings = settings_from(config)
    if not (settings.telegram.token or settings.matrix.homeserver or settings.web.port is not None):
        raise UsageError(
            "no channel is configured; set for example SCHULLOTSE_TELEGRAM__TOKEN, see config/schullotse.example.yaml"
        )
    from bot.serve import run  # noqa: PLC0415 - no other command needs web servers and messengers
    from bot.service import service  # noqa: PLC0415

    run(service(settings, app.database_url(settings)))
