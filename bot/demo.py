"""`make demo`: the web door and the coordinators' pages with a made-up year, on this machine only."""

import secrets
import sys
from pathlib import Path

import typer

from bot import app
from bot.cli import cli
from bot.review import accounts as accounting
from bot.serve import run
from bot.service import service
from bot.store.accounts import Accounts, Role
from bot.store.database import engine
from config import logs
from config.settings import Ops, Settings, Web

FOLDER = Path("build") / "demo"
EMAIL = "koordination@example.org"
PORT = 8080


def main() -> None:
    """A fresh database each time; the login is printed once."""
    database = FOLDER / "demo.db"
    for left in FOLDER.glob("demo.db*"):
        left.unlink()
    url = f"sqlite:///{database.resolve()}"
    cli(["demo-data", "--db", url], standalone_mode=False)
    settings = Settings(web=Web(port=PORT), ops=Ops(port=0))
    logs.set_up(settings.log_level)
    running = service(settings, url)
    password = _login(url, running.library.present.regions)
    address = f"http://127.0.0.1:{PORT}"
    typer.echo(f"\nFor everybody:    {address}/\nFor coordinators: {address}{accounting.PATH}")
    typer.echo(f"  {EMAIL}\n  {password}\nCtrl-C ends it.", file=sys.stdout)
    run(running)


def _login(url: str, regions: tuple[str, ...]) -> str:
    accounts, today = Accounts(engine(url)), app.now().date()
    password = secrets.token_urlsafe(12)
    for region in regions:
        account = accounting.add(accounts, EMAIL, region, Role.ADMIN, today=today)
    accounts.set_password(account.id, accounting.make_hash(password))
    return password


if __name__ == "__main__":
    main()
