"""Seeded faults: a mistake in a copy of the shipped packs is reported with its file and line."""

import re
import shutil
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest

from knowledge.folders import SHIPPED
from knowledge.load import examine

REFERRALS = "dortmund/referrals.yaml"
FLOWS = tuple(path.relative_to(SHIPPED).as_posix() for path in sorted(SHIPPED.glob("*/flows/*.yaml")))
ACTORS = tuple(
    f"dortmund/actors/{name}.yaml" for name in ("kub", "kjp-klinik", "kinderschutz", "schulamt", "jugendhilfedienst")
)


@dataclass(frozen=True)
class Fault:
    """Replace the nth match of *find* in *file* by *put*; the report names the line of the match, plus *below*."""

    name: str
    file: str
    find: str
    put: str
    nth: int = 0
    below: int = 0
    entry: bool = False  # reported at the beginning of the list entry

    def __str__(self) -> str:
        return f"{self.name}:{self.file}:{self.nth}"


def faults() -> Iterator[Fault]:
    for nth in (0, 7, 40, 111, 333):
        yield Fault("misspelt actor", REFERRALS, r"actor: (\w)", r"actor: x\1", nth)
        yield Fault("misspelt key", REFERRALS, r"\bwhy:", "wy:", nth)
    for file in FLOWS:
        yield Fault("misspelt concern", file, r"concern: (\w+)", r"concern: \1x", 1)
        yield Fault("missing target", file, r", to: [a-z0-9-]+", ", to: gibt-es-nicht", 2)
        yield Fault("dead end", file, r", to: [a-z0-9-]+", "", 1)
        yield Fault("unknown key", file, r"^    advice:", "    advise:")
        yield Fault(
            "label too long",
            file,
            r"label: [^,}{]+(?=, to)",
            "label: Diese Antwort ist viel zu lang für einen Knopf",
            0,
        )
        yield Fault("wrong urgency", file, r"urgency: \w+", "urgency: bald", 0)
        yield Fault("duplicate key", file, r"^(start: .*)$", r"\1\n\1", 0, below=1)
        yield Fault("start is no question", file, r"^start: .*$", "start: gibt-es-nicht", 0)
    for file in ACTORS:
        yield Fault("bad date", file, r"as_of: .*", "as_of: letztes Jahr", 0)
        yield Fault("anchor", file, r"^short: (.*)$", r"short: &k \1", 0)
        yield Fault("alias", file, r"^short: .*$", "short: *k", 0)
        yield Fault("tab", file, r"^short: ", "short:\n\t", 0, below=1)
        yield Fault("misspelt key", file, r"^aliases:", "alias:", 0)
        yield Fault("wrong audience", file, r"audiences: \[", "audiences: [lehrer, ", 0)
        yield Fault("missing source", file, r"^    source: .*\n", "", 0, entry=True)
        yield Fault("wrong fact kind", file, r"kind: role", "kind: rolle", 0)
    for file, number in (("kub", "0231 5010017"), ("kinderschutz", "0231 50-12345"), ("kjp-klinik", "0231 91301-90")):
        path = f"dortmund/actors/{file}.yaml"
        yield Fault("letter in a phone number", path, rf'value: "?{number}"?', "value: 0231 5O10017", 0)
        yield Fault("phone number cut off", path, rf'value: "?{number}"?', "value: 02", 0)
    yield Fault(
        "bad mail",
        "dortmund/actors/dortmund-sozialamt-but.yaml",
        r"bildungspaket@stadtdo.de",
        "bildungspaket(at)stadtdo.de",
    )
    yield Fault(
        "bad opening time", "dortmund/actors/dortmund-kinderschutz-zentrum.yaml", r"Mo-Do 09:00-17:00", "Mo-Do 9-17"
    )
    yield Fault(
        "ends before it starts",
        "dortmund/actors/dortmund-kinderschutz-zentrum.yaml",
        r"Mo-Do 09:00-17:00",
        "Mo-Do 17:00-09:00",
    )
    yield Fault("unknown eligibility", "dortmund/actors/kub.yaml", r"ab-7", "ab-sieben")
    yield Fault("unknown question", "dortmund/actors/kub.yaml", r"^  stufe:", "  stuffe:")
    yield Fault("unknown parent", "dortmund/pack.yaml", r"extends: nrw", "extends: nrv")
    yield Fault("unknown flow", "common/concerns.yaml", r"teacher: fehlzeiten", "teacher: fehlzeitn")
    yield Fault("duplicate id", "common/concerns.yaml", r"- id: mobbing", "- id: schulangst")
    yield Fault("unknown shared question", "nrw/flows/eltern.yaml", r"- id: stufe", "- id: stuffe")
    yield Fault("shared way missing", "nrw/flows/eltern.yaml", r"\{bis-6: [a-z0-9-]+, ", "{", 0)
    yield Fault("answer without source", "nrw/answers.yaml", r"source: [^,]+, ", "", 0)
    yield Fault("answer to an unknown concern", "nrw/answers.yaml", r"concern: attest", "concern: atest")
    yield Fault("placeholder lost", "common/texts/de.yaml", r"\{concern\}", "Anliegen", 0)
    yield Fault("unknown text", "common/texts/de.yaml", r"^menu:", "menue:", 0)
    yield Fault("two lists", "common/questions.yaml", r"^- id: schulform$", "schulform:", 0)
    yield Fault("unknown command", "common/words.yaml", r"^help:\n", "help: ja\nx:\n", 0)


FAULTS = list(faults())


def seeded(fault: Fault, folder: Path) -> int:
    """Put the fault into the copy; the line where it should be reported."""
    path = folder / fault.file
    text = path.read_text("utf-8")
    found = list(re.finditer(fault.find, text, flags=re.MULTILINE))
    match = found[min(fault.nth, len(found) - 1)]
    path.write_text(text[: match.start()] + match.expand(fault.put) + text[match.end() :], "utf-8")
    before = text[: match.start()].splitlines()
    if fault.entry:
        return max(number for number, line in enumerate(before, 1) if line.startswith("  - "))
    return len(before) + (1 if text[: match.start()].endswith("\n") or not before else 0) + fault.below


@pytest.fixture(scope="module")
def outcomes(tmp_path_factory: pytest.TempPathFactory) -> dict[Fault, tuple[int, list[tuple[str, int, str]]]]:
    folder = tmp_path_factory.mktemp("packs")
    shutil.copytree(SHIPPED, folder, dirs_exist_ok=True, ignore=shutil.ignore_patterns("examples", "danger", "i18n"))
    result = {}
    for fault in FAULTS:
        path = folder / fault.file
        before = path.read_bytes()
        line = seeded(fault, folder)
        result[fault] = line, [(one.file, one.line, one.text) for one in examine([folder]).errors]
        path.write_bytes(before)
    assert not examine([folder]).errors
    return result


def test_at_least_95_of_100_faults_are_reported_where_they_are(
    outcomes: dict[Fault, tuple[int, list[tuple[str, int, str]]]],
) -> None:
    missed = {
        str(fault): (line, found[:3])
        for fault, (line, found) in outcomes.items()
        if not any(file == fault.file and at == line for file, at, _ in found)
    }

    assert len(FAULTS) >= 100
    assert len(missed) / len(FAULTS) <= 0.05, missed


def test_no_report_is_a_bare_library_message(outcomes: dict[Fault, tuple[int, list[tuple[str, int, str]]]]) -> None:
    for _, found in outcomes.values():
        assert found
        for _, _, text in found:
            assert "pydantic" not in text
            assert "Traceback" not in text
