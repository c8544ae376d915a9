"""The handbook for coordinators: every command in it exists with its options, every example does what it says."""

import re
import shlex
from pathlib import Path

import pytest
import typer

from bot.cli import cli
from tests.home import Home

TEXT = (Path(__file__).parents[2] / "docs" / "stadt.md").read_text("utf-8")
COMMANDS = sorted(set(re.findall(r"(?m)(?<![\w/])schullotse [a-z][^`'\n|…]*", TEXT)))
FILES = dict(re.findall(r"```yaml\n# musterstadt/(\S+)\n(.*?)```", TEXT, re.DOTALL))


def options(words: list[str]) -> set[str]:
    """The options of the command that *words* begin with; AssertionError if there is none."""
    command = typer.main.get_command(cli)
    for word in words:
        below = getattr(command, "commands", None)
        if below is None:
            break
        assert word in below, words
        command = below[word]
    return {name for parameter in command.params for name in parameter.opts}


@pytest.mark.parametrize("line", COMMANDS)
def test_every_command_exists_with_its_options(line: str) -> None:
    words = shlex.split(line.rstrip(" .:,"))[1:]

    assert {word for word in words if word.startswith("-") and word != "-"} <= options(words)


def test_the_way_through_the_handbook_works(city: Home) -> None:
    made = city.invoke(
        *("new-pack", "musterstadt", "--extends", "nrw", "--title", "Musterstadt"),
        *("--coordination-name", "Koordination Schule Musterstadt", "--coordination-phone", "0231 5010017"),
        *("--coordination-source", "Anruf", "--coordination-as-of", "2026-11"),
    )
    folder = city.folder / "musterstadt"
    for name, text in FILES.items():
        (folder / name).parent.mkdir(exist_ok=True)
        (folder / name).write_text(text, "utf-8")
    confirm = next(line for line in COMMANDS if line.startswith("schullotse confirm koordination --region"))
    confirmed = city.invoke(*shlex.split(confirm)[1:], SCHULLOTSE_PACKS=str(folder))
    checked = city.invoke("check", str(folder))

    assert (made.exit_code, confirmed.exit_code, checked.exit_code) == (0, 0, 0), checked.stdout + confirmed.stderr
    assert set(FILES) == {"flows/eltern.yaml", "dates.yaml"}
    assert re.sub(r"\d{4}-\d\d-\d\d", "2026-11-22", confirmed.stdout.strip()) in TEXT
