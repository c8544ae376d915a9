"""The golden dialogues: the main suite. `pytest --update` rewrites them; the difference is read like prose."""

from pathlib import Path

import pytest

from bot.dialogues import read, retold
from knowledge.base import Knowledge
from knowledge.check.dialogues import Scene

FOLDER = Path(__file__).parent / "transcripts"
FILES = sorted(FOLDER.rglob("*.txt"))


def scene(path: Path) -> Scene:
    found, problems = read(path, path.name)
    assert problems == []
    return found


@pytest.mark.parametrize("path", FILES, ids=lambda path: path.relative_to(FOLDER).as_posix())
def test_the_dialogue_goes_as_written(path: Path, knowledge: Knowledge, request: pytest.FixtureRequest) -> None:
    expected = path.read_text("utf-8")

    replayed = retold(knowledge, scene(path))

    if request.config.getoption("--update"):
        path.write_text(replayed, "utf-8")
    else:
        assert replayed == expected


def test_there_are_enough_dialogues_for_every_audience() -> None:
    audiences = {scene(path).head.get("audience", "asked") for path in FILES}

    assert len(FILES) >= 60
    assert audiences >= {"teacher", "parent", "student", "coordinator", "asked"}
