"""What is written about the project is true of it: commands, settings, addresses, the length of a decision."""

import re
import shutil
import subprocess
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import typer

from bot.cli import cli
from config.settings import Settings

ROOT = Path(__file__).parents[2]
EXAMPLE = ROOT / "config" / "schullotse.example.yaml"
DECISIONS = sorted((ROOT / "docs" / "adr").glob("*.md"))
MACHINE = re.compile(
    r"(?<![\w.-])/(?:work|root|home|Users|tmp|mnt|private|workspace)/[\w.]"  # the folder of whoever wrote it
    r"|[A-Z]:\\Users\\"
)
REGISTRY = re.compile(
    r"py[p]i\.org|python[h]osted\.org|registry\.[n]pmjs|artifactory|devpi|/nexus/"
    r"|index-[u]rl[ =]+\S*:/|https?://[^\s\"')]+/simple\b|proxy\.golang",
    re.IGNORECASE,
)


def commands() -> Iterator[str]:
    """Every command as it is typed."""
    for name, command in typer.main.get_command(cli).commands.items():
        below = getattr(command, "commands", None)
        yield from (f"{name} {sub}" for sub in below) if below else (name,)


def settings(tree: dict[str, Any], before: tuple[str, ...] = ()) -> Iterator[tuple[str, ...]]:
    """Every key with its section."""
    for name, value in tree.items():
        if isinstance(value, dict):
            yield from settings(value, (*before, name))
        else:
            yield (*before, name)


def example() -> set[tuple[str, ...]]:
    """The keys of the example, also those that are commented out."""
    found, section = set(), ""
    for line in EXAMPLE.read_text("utf-8").splitlines():
        match = re.match(r"(?:# )?( *)(\w+):( |$)", line)
        if match and not match[1]:
            section = match[2]
            found.add((section,))
        elif match:
            found.add((section, match[2]))
    return found


def tracked() -> list[Path]:
    git = shutil.which("git") or "git"
    listed = subprocess.run([git, "ls-files", "-z"], cwd=ROOT, capture_output=True, check=True).stdout
    return [path for name in listed.decode().split("\0") if name and (path := ROOT / name).is_file()]


def test_every_command_is_in_the_readme() -> None:
    readme = (ROOT / "README.md").read_text("utf-8")

    assert [name for name in commands() if f"schullotse {name}" not in readme] == []


def test_every_setting_is_in_the_example_or_in_the_readme() -> None:
    readme, shown = (ROOT / "README.md").read_text("utf-8"), example()
    keys = list(settings(Settings().model_dump()))

    assert len(keys) > 20
    assert [key for key in keys if key not in shown and f"SCHULLOTSE_{'__'.join(key).upper()}" not in readme] == []


def test_the_example_shows_no_key_that_is_none() -> None:
    known = set(settings(Settings().model_dump()))

    assert example() - known - {(key[0],) for key in known} == set()


def test_no_file_mentions_a_registry_or_the_machine_it_was_written_on() -> None:
    found = [
        f"{path.relative_to(ROOT)}: {match[0]}"
        for path in tracked()
        if path != Path(__file__)
        for text in (path.read_text("utf-8", errors="replace"),)
        for pattern in (MACHINE, REGISTRY)
        for match in [pattern.search(text)]
        if match
    ]

    assert found == []


@pytest.mark.parametrize(
    "text",
    [
        "see /home/anna/x",
        "'/work/x'",
        "C:\\Users\\anna",
        "--index-" + "url https://x",
        "https://files.python" + "hosted.org",
    ],
)
def test_a_mention_is_found(text: str) -> None:
    assert MACHINE.search(text) or REGISTRY.search(text)


@pytest.mark.parametrize("text", ["https://www.dortmund.de/home/x", "/srv/schullotse", "--no-emit-index-" + "url"])
def test_an_address_that_may_be_written_is_not_found(text: str) -> None:
    assert not MACHINE.search(text)
    assert not REGISTRY.search(text)


def test_there_are_decisions_and_each_fits_on_a_page() -> None:
    lengths = {path.name: len(path.read_text("utf-8").splitlines()) for path in DECISIONS}

    assert lengths
    assert {name: length for name, length in lengths.items() if length > 40} == {}


def test_every_test_that_the_hazard_log_names_exists() -> None:
    named = set(re.findall(r"`(test_[a-z_0-9]+)`", (ROOT / "docs" / "SAFETY.md").read_text("utf-8")))
    written = "\n".join(path.read_text("utf-8") for path in (ROOT / "tests").rglob("test_*.py"))

    assert len(named) >= 15
    assert {name for name in named if f"def {name}(" not in written} == set()
