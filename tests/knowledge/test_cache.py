"""What is kept between starts."""

from pathlib import Path

import pytest

from knowledge.base import Knowledge
from knowledge.cache import Cache
from knowledge.load import loaded_before
from tests.conftest import CACHE


def kept(folder: Path, made: str) -> str:
    return Cache(folder, "version").through("word.txt", lambda: made, str.encode, lambda raw: raw[:].decode("ascii"))


def test_what_was_made_is_read_from_then_on(tmp_path: Path) -> None:
    assert kept(tmp_path / "new", "first") == "first"
    assert kept(tmp_path / "new", "second") == "first"


@pytest.mark.parametrize("content", [b"", b"\xff"])
def test_a_file_that_cannot_be_read_is_made_anew(tmp_path: Path, content: bytes) -> None:
    kept(tmp_path, "first")
    (path,) = tmp_path.iterdir()
    path.write_bytes(content)

    assert kept(tmp_path, "second") == "second"
    assert path.read_bytes() == b"second"


def test_without_a_folder_everything_is_made_anew() -> None:
    cache = Cache(None, "version")
    assert cache.through("word.txt", lambda: "made", str.encode, lambda raw: raw[:].decode()) == "made"


def test_only_what_was_loaded_completely_was_loaded_before(knowledge: Knowledge, tmp_path: Path) -> None:
    assert knowledge.learned
    assert loaded_before((), CACHE)
    assert not loaded_before((), tmp_path)
