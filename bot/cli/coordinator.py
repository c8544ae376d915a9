"""Commands about the accounts of coordinators: add, list, remove, reset."""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING, Annotated

import typer

from bot import app
from bot.app import UsageError
from bot.cli.base import Config, Db, cli, pack_of, said, settings_from
from bot.store.accounts import Account, Action, Role
from config.settings import Settings

if TYPE_CHECKING:
    from bot.store.accounts import Accounts

coordinator = typer.Typer(no_args_is_help=True, help="Who may see the statistics.")
cli.add_typer(coordinator, name="coordinator")

Email = Annotated[str, typer.Argument(help="The person's e-mail address.")]
City = Annotated[str | None, typer.Option("--region", help="City, for example dortmund.")]


@coordinator.command("add")
@said
def add(
    email: Email,
    region: City = None,
    role: Annotated[Role, typer.Option(help="viewer, editor or admin.")] = Role.VIEWER,
    db_url: Db = None,
    config: Config = None,
) -> None:
    """Give somebody a role in a region; prints the link with which they set their password."""
    from bot.review import accounts as accounting  # noqa: PLC0415

    settings = settings_from(config)
    if not accounting.EMAIL.fullmatch(email):
        raise UsageError(f"'{email}' is not an e-mail address; write it like name@stadt.de")
    city = _city(settings, region)
    with _accounts(settings, db_url) as accounts:
        today = app.now().date()
        account = accounting.add(accounts, email, city, role, today=today)
        typer.echo(f"{account.email} is {role} in {city}.", err=True)
        if not account.password:
            _print_link(settings, accounting.invite(accounts, account, today))


@coordinator.command("list")
@said
def show(db_url: Db = None, config: Config = None) -> None:
    """All accounts with their roles."""
    with _accounts(settings_from(config), db_url) as accounts:
        for account in accounts.all():
            roles = ", ".join(f"{region}: {role}" for region, role in account.roles.items())
            state = "" if account.password else "  (invited)"
            typer.echo(f"{account.email}  {roles}{'  second factor' if account.totp else ''}{state}")


@coordinator.command("remove")
@said
def remove(email: Email, region: City = None, db_url: Db = None, config: Config = None) -> None:
    """Delete an account; with --region, only take that region away."""
    with _accounts(settings_from(config), db_url) as accounts:
        account = _known(accounts, email)
        if region is not None and region not in account.roles:
            raise UsageError(f"{account.email} has no role in '{region}'; right are: {', '.join(account.roles)}")
        for gone in [region] if region else account.roles:
            accounts.record(app.now().date(), "", gone, Action.REMOVED)
        if region:
            accounts.revoke(account.id, region)
        else:
            accounts.delete(account.id)
        typer.echo(f"{account.email} removed", err=True)


@coordinator.command("reset")
@said
def reset(email: Email, db_url: Db = None, config: Config = None) -> None:
    """Forget password and second factor, end all sessions; prints a new link."""
    from bot.review import accounts as accounting  # noqa: PLC0415

    settings = settings_from(config)
    with _accounts(settings, db_url) as accounts:
        account = _known(accounts, email)
        accounts.reset(account.id)
        for region in account.roles:
            accounts.record(app.now().date(), "", region, Action.RESET)
        _print_link(settings, accounting.invite(accounts, account, app.now().date()))


def _print_link(settings: Settings, secret: str) -> None:
    from bot.review.accounts import address  # noqa: PLC0415

    typer.echo(f"{address(settings.web)}/einladung/{secret}")
    typer.echo("The link works once and for seven days; hand it over yourself.", err=True)


def _city(settings: Settings, region: str | None) -> str:
    """The region that is meant; a mistyped one is an error that names the right ones."""
    if region is None and settings.region is None:
        raise UsageError("name the city with --region, for example --region dortmund")
    return pack_of(settings, region).id


def _known(accounts: "Accounts", email: str) -> Account:
    account = accounts.by_email(email)
    if account is None:
        raise UsageError(f"there is no account '{email}'; 'schullotse coordinator list' shows them all")
    return account


@contextmanager
def _accounts(settings: Settings, db_url: str | None) -> Iterator["Accounts"]:
    from bot.store.accounts import Accounts  # noqa: PLC0415
    from bot.store.database import opened  # noqa: PLC0415

    engine = opened(app.database_url(settings, db_url))
    try:
        yield Accounts(engine)
    finally:
        engine.dispose()
