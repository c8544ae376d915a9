"""What the pages say in sentences with numbers in them: one YAML file, checked when it is read."""

from collections.abc import Mapping
from pathlib import Path

from knowledge.source import read

FILE = Path(__file__).parent / "texts" / "de.yaml"


class Words:
    """Texts by key. A key that does not exist is a bug, and so is a placeholder without a value."""

    def __init__(self, texts: Mapping[str, str]) -> None:
        self._texts = texts

    def __call__(self, key: str, **values: object) -> str:
        return self._texts[key].format_map(values)

    def __contains__(self, key: str) -> bool:
        return key in self._texts


def load(path: Path = FILE) -> Words:
    document, problems = read(path, path.name)
    if document is None or problems or not isinstance(document.tree, dict):
        raise ValueError(f"{path.name} cannot be used: {problems}")
    return Words({key: str(value) for key, value in document.tree.items()})
