"""The command `schullotse`: one function a command, one file a kind of user, exit codes as the contract fixes them."""

from bot.cli import (  # noqa: F401 - each adds its commands
    cities,
    coordinator,
    dialogues,
    exchange,
    fresh,
    operate,
    packs,
    schools,
    statistics,
    talk,
)
from bot.cli.base import cli as cli


def main() -> None:
    """Entry point of the console script."""
    cli()
