"""What editors are told: every shipped file fits its JSON Schema, and a mistake does not."""

import re
from collections.abc import Iterator
from functools import cache
from pathlib import Path
from typing import Any

import jsonschema
import pytest
import yaml

from knowledge.editor import KINDS, kind_of, schemas
from knowledge.folders import SHIPPED
from tests.conftest import TOWN

FILES = sorted(path for path in SHIPPED.glob("*/**/*.yaml") if kind_of("/".join(path.relative_to(SHIPPED).parts[1:])))


class AsEditor(yaml.CSafeLoader):
    """Scalars as YAML 1.2 reads them: `true` and numbers, but neither dates nor `Nein`."""

    yaml_implicit_resolvers = {}  # noqa: RUF012 - that is how the library is told


AsEditor.add_implicit_resolver("tag:yaml.org,2002:bool", re.compile(r"(true|false)$"), list("tf"))
AsEditor.add_implicit_resolver("tag:yaml.org,2002:int", re.compile(r"[-+]?[0-9]+$"), list("-+0123456789"))
AsEditor.add_constructor("tag:yaml.org,2002:int", lambda loader, node: int(node.value))


@cache
def validator(kind: str) -> Any:
    schema = schemas()[kind]
    jsonschema.Draft202012Validator.check_schema(schema)
    return jsonschema.Draft202012Validator(schema)


def complaints(relative: str, text: str) -> list[str]:
    tree = yaml.load(text, AsEditor)  # noqa: S506 - a safe loader that reads fewer tags than safe_load()
    return [error.message for error in validator(str(kind_of(relative))).iter_errors(tree)]


def test_every_kind_of_file_is_shipped_and_fits_its_schema() -> None:
    """Districts are only in the invented town of the tests so far."""
    seen = set()
    places = {path: "/".join(path.relative_to(SHIPPED).parts[1:]) for path in FILES}
    places |= {path: path.relative_to(TOWN).as_posix() for path in TOWN.rglob("*.yaml")}
    for path, relative in places.items():
        seen.add(kind_of(relative))
        text = path.read_text("utf-8")

        assert complaints(relative, text) == [], path

    assert seen == set(KINDS)


def test_every_shipped_yaml_file_has_a_kind() -> None:
    assert set(SHIPPED.glob("*/**/*.yaml")) == set(FILES)


def faults() -> Iterator[tuple[str, str, str]]:
    """(file, pattern, replacement)."""
    for name in ("kub", "kjp-klinik", "kinderschutz", "schulamt"):
        file = f"dortmund/actors/{name}.yaml"
        yield file, r"^aliases:", "alias:"
        yield file, r"^name: .*\n", ""
        yield file, r"kind: role", "kind: rolle"
        yield file, r"as_of: .*", "as_of: letztes Jahr"
        yield file, r"^    source: .*\n", ""
        yield file, r"audiences: \[", "audiences: [lehrer, "
        yield file, r"^short: .*", f"short: {'x' * 41}"
    yield "dortmund/actors/kub.yaml", r'value: "0231 5010017"', 'value: "0231 5O10017"'
    yield "dortmund/actors/dortmund-sozialamt-but.yaml", "bildungspaket@stadtdo.de", "bildungspaket(at)stadtdo.de"
    yield "dortmund/referrals.yaml", r"^  parent:", "  parents:"
    yield "dortmund/referrals.yaml", r"\bwhy:", "wy:"
    yield "dortmund/pack.yaml", "extends:", "extend:"
    yield "nrw/flows/fehlzeiten.yaml", r", to: [a-z0-9-]+", ""
    yield "nrw/flows/fehlzeiten.yaml", r"urgency: \w+", "urgency: bald"
    yield "nrw/flows/fehlzeiten.yaml", r"^    advice:", "    advise:"
    shared = next(path for path in SHIPPED.glob("*/flows/*.yaml") if "shared: true\n    to:" in path.read_text("utf-8"))
    yield shared.relative_to(SHIPPED).as_posix(), "shared: true\n    to:", "shared: true\n    too:"
    yield "nrw/answers.yaml", r"source: [^,]+, ", ""
    yield "common/concerns.yaml", r"urgency: \w+", "urgency: bald"
    yield "common/questions.yaml", r"^- id: schulform$", "- schulform: ja"
    yield "common/texts/de.yaml", "^menu:", "menue:"
    yield "common/words.yaml", r"^help:\n", "help: ja\nx:\n"
    yield "common/danger/de.yaml", r"kind: suicide", "kind: suizid"
    yield "common/i18n/en/concerns.yaml", r"^  label:", "  lable:"
    yield "dortmund/i18n/en/referrals.yaml", r"^  parent:", "  parents:"


@pytest.mark.parametrize(("file", "find", "put"), list(faults()), ids=str)
def test_a_mistake_does_not_fit(file: str, find: str, put: str) -> None:
    text, count = re.subn(find, put, (SHIPPED / file).read_text("utf-8"), count=1, flags=re.MULTILINE)
    relative = file.split("/", 1)[1]

    assert count == 1
    assert complaints(relative, text)


def test_a_bare_number_is_as_good_as_a_quoted_one() -> None:
    text = (SHIPPED / "dortmund/actors/kub.yaml").read_text("utf-8").replace('as_of: "2016"', "as_of: 2016")

    assert complaints("actors/kub.yaml", Path(SHIPPED / "dortmund/actors/kub.yaml").read_text("utf-8")) == []
    assert complaints("actors/kub.yaml", text) == []
