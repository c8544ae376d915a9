"""Seeded faults: a mistake in a copy of the shipped packs is reported with its file and line."""

from collections.abc import Mapping

import pytest

from knowledge.faults import MISTAKES, Fault, caught, seeded, slim
from knowledge.folders import SHIPPED, Folder, chain, folders
from knowledge.load import Examined, examine_folders
from knowledge.source import parse

LIMIT = 100  # faults a pack


@pytest.fixture(scope="module")
def whole() -> dict[str, Folder]:
    return slim(folders([SHIPPED])[0])


@pytest.fixture(scope="module")
def sound(whole: dict[str, Folder]) -> Examined:
    return examine_folders(whole)


def packs(found: Mapping[str, Folder], examined: Examined) -> dict[str, str]:
    """Pack → a region that uses it."""
    return {folder.id: region for region in examined.german for folder in chain(found, region)[0]}


def test_the_shipped_packs_are_reported_for_nothing(sound: Examined) -> None:
    assert [str(problem) for problem in sound.problems] == []


def test_at_least_95_of_100_faults_of_each_pack_are_reported_where_they_are(
    whole: dict[str, Folder], sound: Examined
) -> None:
    for pack, region in packs(whole, sound).items():
        line = {folder.id: folder for folder in chain(whole, region)[0]}
        faults = seeded(line, pack, sound.german[region], LIMIT)
        missed = [str(fault) for fault in faults if not caught(line, fault)]

        assert len(missed) <= 0.05 * len(faults), missed


def test_every_kind_of_mistake_is_seeded_and_none_twice(whole: dict[str, Folder], sound: Examined) -> None:
    faults: list[Fault] = []
    for pack, region in packs(whole, sound).items():
        faults += seeded(whole, pack, sound.german[region], LIMIT)

    assert {mistake.name for mistake in MISTAKES} <= {fault.name for fault in faults}
    assert len({(fault.file, fault.text) for fault in faults}) == len(faults) >= LIMIT


def test_no_report_is_a_bare_library_message(whole: dict[str, Folder], sound: Examined) -> None:
    line = {folder.id: folder for folder in chain(whole, "dortmund")[0]}
    for fault in seeded(line, "dortmund", sound.german["dortmund"], 40):
        for problem in caught(line, fault):
            assert "pydantic" not in problem.text
            assert "Traceback" not in problem.text


def test_a_fault_that_check_cannot_see_is_not_counted_as_reported(whole: dict[str, Folder]) -> None:
    file = "actors/kub.yaml"
    text = (whole["dortmund"].path / file).read_text("utf-8")

    assert parse(text, f"dortmund/{file}")[1] == []
    assert caught(whole, Fault("nothing at all", f"dortmund/{file}", 3, text)) == []
