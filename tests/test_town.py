"""The golden dialogues of the invented town: schools, parts of town, dates. `pytest --update` rewrites them."""

from pathlib import Path

import pytest

from bot.dialogues import read, retold
from knowledge.base import Knowledge
from tests.conftest import TOWN

FILES = sorted((TOWN / "dialogues").glob("*.txt"))


@pytest.mark.parametrize("path", FILES, ids=lambda path: path.stem)
def test_the_dialogue_goes_as_written(path: Path, town: Knowledge, request: pytest.FixtureRequest) -> None:
    scene, problems = read(path, path.name)
    assert problems == []

    replayed = retold(town, scene)

    if request.config.getoption("--update"):
        path.write_text(replayed, "utf-8")
    else:
        assert replayed == path.read_text("utf-8")
