"""A home of its own for the installed command: folders for data, cache and keys, nothing of the person who tests."""

import logging
import os
import subprocess
import sys
from collections.abc import Iterator
from contextlib import chdir, contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from typer.testing import CliRunner, Result

from bot.cli import cli
from config import logs


@dataclass(frozen=True)
class Home:
    """Where one command may write. *cache* holds the fitted search, so that no test waits for it twice."""

    folder: Path
    cache: Path
    runtime: Path

    @property
    def data(self) -> Path:
        return self.folder / "data"

    @property
    def database(self) -> Path:
        return self.data / "schullotse" / "schullotse.db"

    @property
    def url(self) -> str:
        return f"sqlite:///{self.database}"

    def environment(self, **more: str) -> dict[str, str]:
        """The environment of a process: that of the tests without any setting of ours."""
        kept = {name: value for name, value in os.environ.items() if not name.startswith(("SCHULLOTSE_", "XDG_"))}
        return {**kept, **self._folders(), **more}

    def start(self, *arguments: str, **more: Any) -> "subprocess.Popen[str]":
        """The command as a process of its own, with pipes."""
        pipes = dict.fromkeys(("stdin", "stdout", "stderr"), subprocess.PIPE)
        options = {"env": self.environment(), "cwd": self.folder, "encoding": "utf-8", **pipes, **more}
        return subprocess.Popen([sys.executable, "-m", "bot", *arguments], **options)

    def run(self, *arguments: str, **more: Any) -> "subprocess.CompletedProcess[str]":
        """The command as a process of its own, to its end."""
        options = {"env": self.environment(), "cwd": self.folder, "encoding": "utf-8", "capture_output": True, **more}
        return subprocess.run([sys.executable, "-m", "bot", *arguments], check=False, **options)

    def invoke(self, *arguments: str, **settings: str) -> Result:
        """The command inside this process, where the boundary does not matter."""
        without = dict.fromkeys(name for name in os.environ if name.startswith("SCHULLOTSE_"))
        with chdir(self.folder):
            environment = {**without, **self._folders(), **settings}
            return CliRunner().invoke(cli, list(arguments), env=environment, catch_exceptions=False)

    def _folders(self) -> dict[str, str]:
        return {
            "XDG_DATA_HOME": str(self.data),
            "XDG_CACHE_HOME": str(self.cache),
            "XDG_RUNTIME_DIR": str(self.runtime),
            "COLUMNS": "200",
            "NO_COLOR": "1",
            "TERM": "dumb",
        }


@contextmanager
def logging_as_before() -> Iterator[None]:
    """What a command sets up for its own standard error is undone: that stream ends with the test."""
    root = logging.getLogger()
    level, handlers = root.level, root.handlers[:]
    try:
        yield
    finally:
        logs.OURS.setLevel(logging.NOTSET)
        root.handlers[:] = handlers
        root.setLevel(level)
