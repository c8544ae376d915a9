"""What every command shares: its options, its errors as sentences, settings, output."""

import sys
from collections.abc import Callable
from functools import wraps
from importlib.metadata import version as installed
from pathlib import Path
from typing import Annotated, ParamSpec, TypeVar

import typer

from bot import app
from bot.app import UsageError
from bot.channels.port import ChannelError
from bot.store import StoreError
from config import logs
from config.settings import Settings, SettingsError, read
from knowledge.folders import SHIPPED
from knowledge.load import PackError, examine, ordered
from knowledge.model import Pack

P = ParamSpec("P")
T = TypeVar("T")

cli = typer.Typer(
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
    help="Schullotse: wer hilft, wenn ein Kind nicht zur Schule geht.",
)

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


def said(command: Callable[P, T]) -> Callable[P, T]:
    """Mistakes of the user or the machine end in a sentence and exit code 2, never in a traceback."""

    @wraps(command)
    def run(*args: P.args, **kwargs: P.kwargs) -> T:
        try:
            return command(*args, **kwargs)
        except (SettingsError, UsageError, StoreError, ChannelError) as error:
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


def settings_from(config: Path | None) -> Settings:
    settings = read(config)
    logs.set_up(settings.log_level)
    return settings


def table_text(file: Path) -> str:
    """A table that somebody hands in, as text; UsageError says what is wrong with the file."""
    try:
        return file.read_bytes().decode("utf-8-sig")
    except OSError as error:
        raise UsageError(f"{file} cannot be read: {error.strerror}") from None
    except UnicodeDecodeError as error:
        line = error.object[: error.start].count(b"\n") + 1
        raise UsageError(f"{file}:{line}: is not UTF-8; in a spreadsheet, save as 'CSV UTF-8'") from None


def write(text: str, output: Path | None) -> None:
    if output is None:
        typer.echo(text, nl=not text.endswith("\n"))
        return
    try:
        output.write_text(text, "utf-8")
    except OSError as error:
        raise UsageError(f"{output} cannot be written: {error.strerror}") from None


def write_bytes(data: bytes, output: Path | None) -> None:
    """As they are: line ends, archives and pictures must not be translated."""
    if output is None:
        typer.get_binary_stream("stdout").write(data)
        return
    try:
        output.write_bytes(data)
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


def pack_of(settings: Settings, region: str | None) -> Pack:
    examined = examine((SHIPPED, *settings.packs), thorough=False)
    if examined.errors:
        raise PackError(examined.errors)
    regions = ordered(examined.german)
    return examined.packs[app.one_of("region", region or settings.region, regions) or regions[0], "de"]
