"""A city makes its own pack: the skeleton passes the check and talks at once, and nothing in it is invented."""

import json
import os
import pty
import re
from pathlib import Path

import jsonschema
import pytest
import yaml

from knowledge.editor import KINDS, kind_of
from knowledge.folders import SHIPPED
from tests.home import Home

KNOWN = (
    *("--title", "Musterstadt", "--coordination-name", "Netzwerk Musterstadt", "--coordination-phone", "02323 123456"),
    *("--coordination-mail", "netz@musterstadt.de", "--coordination-source", "https://www.musterstadt.de"),
    *("--coordination-as-of", "2026-11"),
)


def made(city: Home, *arguments: str) -> Path:
    result = city.invoke("new-pack", "musterstadt", "--extends", "nrw", *arguments)

    assert (result.exit_code, result.stderr) == (0, "")
    assert "schullotse check musterstadt" in result.stdout
    return city.folder / "musterstadt"


@pytest.mark.parametrize("known", [(), KNOWN], ids=["nothing", "coordination"])
def test_a_new_pack_has_no_errors_and_its_dialogue_holds(city: Home, known: tuple[str, ...]) -> None:
    made(city, *known)

    result = city.invoke("check", "musterstadt", "--json")
    rows = json.loads(result.stdout)

    assert result.exit_code == 0
    assert {row["level"] for row in rows} == {"hint"}
    assert {row["file"].split("/")[0] for row in rows} == {"musterstadt"}


def test_a_new_pack_talks_at_once(city: Home) -> None:
    made(city, *KNOWN)

    result = city.run(
        *("chat", "--region", "musterstadt", "--audience", "parent"),
        input="Mein Kind hat Angst vor der Schule\nich will nicht mehr leben\n",
        env=city.environment(SCHULLOTSE_PACKS="musterstadt"),
    )

    assert (result.returncode, result.stderr) == (0, "")
    assert "Schullotse Musterstadt" in result.stdout
    assert "▸ Die eigene Schule" in result.stdout
    assert "02323 123456" in result.stdout
    danger = result.stdout[result.stdout.index("116 111") - 400 :]
    assert danger.count("112 ") <= 1


def test_no_number_is_in_the_pack_that_nobody_gave(city: Home) -> None:
    folder = made(city)
    written = "\n".join(
        path.read_text("utf-8") for path in folder.rglob("*.*") if ".schema" not in path.parts and path.is_file()
    )

    assert re.findall(r"\d[\d /-]{5,}\d", re.sub(r"\d\d:\d\d-\d\d:\d\d|2026-11", "", written)) == []
    assert not (folder / "actors" / "koordination.yaml").exists()


def test_all_files_fit_the_schemas_they_name(city: Home) -> None:
    folder = made(city, *KNOWN)
    settings = json.loads((folder / ".vscode" / "settings.json").read_text("utf-8"))

    assert len(settings["yaml.schemas"]) == len(KINDS)
    for path in folder.rglob("*.yaml"):
        text = path.read_text("utf-8")
        named = re.match(r"# yaml-language-server: \$schema=(\S+)\n", text)
        assert named, path
        schema = (path.parent / named[1]).resolve()
        assert schema.name == f"{kind_of(path.relative_to(folder).as_posix())}.schema.json"
        if not path.name.startswith("_"):
            jsonschema.validate(yaml.safe_load(text), json.loads(schema.read_text("utf-8")))


def test_the_form_becomes_an_actor_once_it_is_filled_in(city: Home) -> None:
    folder = made(city)
    form = (folder / "actors" / "_vorlage.yaml").read_text("utf-8")
    (folder / "actors" / "jugendamt.yaml").write_text(form, "utf-8")

    empty = city.invoke("check", "musterstadt")
    filled = form.replace('value: "…"', 'value: "02323 123456"', 1).replace('value: "…"', "value: www.musterstadt.de")
    (folder / "actors" / "jugendamt.yaml").write_text(filled.replace('"…"', "Jugendamt"), "utf-8")
    referrals = (folder / "referrals.yaml").read_text("utf-8")
    named = referrals.replace("  teacher:\n", '  teacher:\n    - {actor: jugendamt, why: "Hilft der Familie."}\n', 1)
    (folder / "referrals.yaml").write_text(named, "utf-8")

    assert empty.exit_code == 1
    assert "musterstadt/actors/jugendamt.yaml:21: phone '…' is not a phone" in empty.stdout
    assert city.invoke("check", "musterstadt").exit_code == 0


def test_nothing_is_ever_overwritten(city: Home) -> None:
    folder = made(city)
    before = (folder / "pack.yaml").read_bytes()

    result = city.invoke("new-pack", "musterstadt", "--extends", "nrw", "--title", "Anders")

    assert (result.exit_code, (folder / "pack.yaml").read_bytes()) == (2, before)
    assert "never overwrites" in result.stderr


@pytest.mark.parametrize(
    ("arguments", "told"),
    [
        (("Herne!", "--extends", "nrw"), "lower-case"),
        (("dortmund", "--extends", "nrw"), "already"),
        (("musterstadt", "--extends", "nrv"), "nrw"),
        (("musterstadt", "--extends", "dortmund"), "nrw"),
        (("musterstadt",), "--extends"),
        (("musterstadt", "--extends", "nrw", "--coordination-phone", "02323 1234"), "--coordination-name"),
        (("musterstadt", "--extends", "nrw", *KNOWN[:6]), "--coordination-source"),
        (("musterstadt", "--extends", "nrw", *KNOWN[:-1], "gestern"), "YYYY-MM"),
        (("musterstadt", "--extends", "nrw", *KNOWN[:4], "--coordination-phone", "geheim"), "0231 5010017"),
        (("musterstadt", "--extends", "nrw", "--folder", str(SHIPPED / "nrw" / "pack.yaml")), "cannot be written"),
    ],
    ids=lambda value: " ".join(value)[:40] if isinstance(value, tuple) else "",
)
def test_a_mistake_ends_in_a_sentence(city: Home, arguments: tuple[str, ...], told: str) -> None:
    result = city.invoke("new-pack", *arguments)

    assert result.exit_code == 2
    assert told in result.stderr
    assert not (city.folder / "musterstadt").exists()


def test_in_a_terminal_it_asks_for_what_is_missing(city: Home) -> None:
    keyboard, terminal = pty.openpty()
    answers = ["Musterstadt", "nrw", "Netzwerk Musterstadt", "02323 123456", "", "Schreiben der Stadt", ""]

    with city.start("new-pack", "musterstadt", stdin=terminal) as process:
        os.write(keyboard, "".join(f"{answer}\n" for answer in answers).encode())
        told, errors = process.communicate()
    os.close(terminal)
    os.close(keyboard)
    actor = yaml.safe_load((city.folder / "musterstadt" / "actors" / "koordination.yaml").read_text("utf-8"))

    assert (process.returncode, errors) == (0, "")
    assert "Wie heißt die Stadt" in told
    assert [fact["value"] for fact in actor["facts"]] == ["02323 123456"]
    assert {(fact["source"], fact["as_of"]) for fact in actor["facts"]} == {("Schreiben der Stadt", "unknown")}
