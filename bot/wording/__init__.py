"""The German words of the tools for cities; users' own sentences are in the packs."""

from pathlib import Path
from typing import Any

from knowledge.source import read


def wording(name: str) -> Any:
    """The content of `<name>.yaml` beside this file: text by key."""
    document, problems = read(Path(__file__).parent / f"{name}.yaml", f"{name}.yaml")
    if document is None or problems:
        raise ValueError(f"{name}.yaml cannot be read: {problems}")
    return document.tree
