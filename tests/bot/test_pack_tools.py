"""What helps with a pack: check with hints and --watch, schema, show --origin, diff, prove."""

import json
import re
import shutil
import signal
from pathlib import Path

import pytest

from bot.prove import summaries, told, ways
from bot.show import traced
from knowledge.base import Knowledge
from knowledge.editor import KINDS
from knowledge.faults import seeded
from knowledge.flow import paths
from knowledge.folders import SHIPPED, chain, folders
from knowledge.load import examine
from knowledge.model import Audience, Pack
from knowledge.origin import origins
from tests.home import Home

KUB = "dortmund/actors/kub.yaml"


@pytest.fixture
def packs(tmp_path: Path) -> Path:
    """A copy of the shipped packs, without what takes long to read."""
    return shutil.copytree(SHIPPED, tmp_path / "packs", ignore=shutil.ignore_patterns("examples", "i18n"))


def edit(path: Path, old: str, new: str) -> int:
    """Replace *old* once; its line."""
    text = path.read_text("utf-8")
    assert old in text, path
    path.write_text(text.replace(old, new, 1), "utf-8")
    return text[: text.index(old)].count("\n") + 1


def test_every_report_has_a_level_and_only_errors_end_in_1(home: Home, packs: Path) -> None:
    line = edit(packs / KUB, "0231 5010017", "0999 1234567")

    hinted = home.invoke("check", str(packs), "--json")
    rows = json.loads(hinted.stdout)
    told = home.invoke("check", str(packs))

    assert hinted.exit_code == 0
    assert {row["level"] for row in rows} == {"hint"}
    assert (KUB, line) in {(row["file"], row["line"]) for row in rows}
    assert f"{KUB}:{line}: hint: '0999 1234567'" in told.stdout
    assert "0 problems, 0 warnings," in told.stderr


def test_an_error_names_the_nearest_id(home: Home, packs: Path) -> None:
    line = edit(packs / "dortmund/pack.yaml", "crisis_line: kjp-klinik", "crisis_line: kjp-klinikk")

    result = home.invoke("check", str(packs))

    assert result.exit_code == 1
    assert f"dortmund/pack.yaml:{line}: names the unknown actor 'kjp-klinikk'" in result.stdout
    assert "did you mean 'kjp-klinik'?" in result.stdout


def test_watch_reports_a_change_and_ends_with_ctrl_c(home: Home, packs: Path) -> None:
    with home.start("check", str(packs), "--watch") as process:
        assert process.stdout
        assert process.stderr
        first = process.stderr.readline()
        line = edit(packs / KUB, "as_of:", "as_off:")
        reported = next(row for row in process.stdout if row.startswith(KUB) and "hint" not in row)
        process.send_signal(signal.SIGINT)
        process.communicate()

    assert first.startswith("0 problems")
    assert reported.startswith(f"{KUB}:")
    assert process.returncode == 0
    assert line > 1


def test_schemas_are_written_one_a_kind(home: Home) -> None:
    result = home.invoke("schema", "-o", "editor")

    assert result.exit_code == 0
    assert {path.name for path in (home.folder / "editor").iterdir()} == {f"{kind}.schema.json" for kind in KINDS}
    assert json.loads(home.invoke("schema").stdout).keys() == set(KINDS)
    assert home.invoke("schema", "-o", str(packs_file())).exit_code == 2


def packs_file() -> Path:
    return SHIPPED / "common" / "pack.yaml"


@pytest.mark.parametrize("part", ["actors", "concerns", "flows"])
def test_every_value_is_found_at_the_line_that_is_named(part: str) -> None:
    found, _ = folders([SHIPPED])
    values = origins(chain(found, "dortmund")[0], part)

    assert len(values) > 100
    for value in values:
        pack, relative = value.file.split("/", 1)
        lines = (found[pack].path / relative).read_text("utf-8").splitlines()
        start = re.sub(r"\W+", "", value.value)[:12]
        assert start in re.sub(r"\W+", "", " ".join(lines[value.line - 1 : value.line + 3])), value
    assert traced(values[:2], as_json=False).splitlines()[0].startswith(f"{values[0].file}:{values[0].line}: ")


def test_the_origin_of_a_fact_names_what_it_replaced(city: Home) -> None:
    (city.folder / "stadt" / "actors").mkdir(parents=True)
    shutil.copy(SHIPPED / "common/actors/notruf-110.yaml", city.folder / "stadt/actors")
    (city.folder / "stadt/pack.yaml").write_text(
        "name: Stadt\nextends: nrw\ncoordination: eigene-schule\nswitchboard: eigene-schule\ncrisis_line: notruf-112\n"
    )
    shutil.copy(SHIPPED / "dortmund/referrals.yaml", city.folder / "stadt")
    text = (city.folder / "stadt/referrals.yaml").read_text("utf-8")
    actors = set(re.findall(r"actor: ([\w-]+)", text)) - {path.stem for path in SHIPPED.glob("common/actors/*.yaml")}
    for actor in actors:
        shutil.copy(SHIPPED / f"dortmund/actors/{actor}.yaml", city.folder / "stadt/actors")

    result = city.invoke("show", "--origin", "--json", "--region", "stadt", SCHULLOTSE_PACKS="stadt")
    rows = [row for row in json.loads(result.stdout) if row["id"] == "notruf-110"]

    assert result.exit_code == 0
    assert {row["file"] for row in rows} == {"stadt/actors/notruf-110.yaml"}
    assert {tuple(row["replaces"]) for row in rows} == {("common/actors/notruf-110.yaml:1",)}
    assert "phone" in {row["name"] for row in rows}


def test_a_difference_is_told_in_german(home: Home, packs: Path) -> None:
    edit(packs / KUB, "0231 5010017", "0231 5010018")
    edit(packs / "dortmund/actors/schulamt.yaml", "short: ", "short: Neues ")

    told = home.invoke("diff", str(SHIPPED), str(packs), "--region", "dortmund")
    rows = json.loads(home.invoke("diff", str(SHIPPED), str(packs), "--region", "dortmund", "--json").stdout)

    assert told.exit_code == 0
    assert "KuB: Telefon (Hotline) geändert: 0231 5010017 → 0231 5010018" in told.stdout.splitlines()
    assert [row["text"] for row in rows] == told.stdout.splitlines()
    assert {"kind", "id", "old", "new", "region"} <= rows[0].keys()


def test_two_folders_of_one_city_are_compared_whatever_their_names(city: Home) -> None:
    for name in ("alt", "neu"):
        city.invoke("new-pack", name, "--extends", "nrw", "--title", "Musterstadt")
    assert city.invoke("diff", "alt", "neu").stdout == "Kein Unterschied.\n"

    (city.folder / "neu/actors/jugendamt.yaml").write_text(
        "name: Jugendamt\nshort: Jugendamt\nkind: municipal\naudiences: [teacher]\ndoes: {teacher: Hilft.}\nfacts: []\n"
    )
    edit(city.folder / "neu/referrals.yaml", "teacher:\n", "teacher:\n    - {actor: jugendamt, why: Hilft.}\n")

    told = city.invoke("diff", "alt", "neu").stdout.splitlines()

    assert "Stelle neu: Jugendamt" in told
    assert any("(Lehrkräfte): zuerst jetzt Jugendamt statt Die eigene Schule" in line for line in told)


@pytest.mark.parametrize(
    ("arguments", "told"),
    [
        (("nirgends", "."), "nirgends"),
        ((str(SHIPPED), str(SHIPPED), "--region", "dortmnd"), "dortmund"),
        ((".", "."), "no region in common"),
    ],
)
def test_folders_that_cannot_be_compared_end_in_a_sentence(home: Home, arguments: tuple[str, ...], told: str) -> None:
    result = home.invoke("diff", *arguments)

    assert result.exit_code == 2
    assert told in result.stderr


def test_every_path_of_every_guideline_ends_at_an_actor(knowledge: Knowledge, pack: Pack) -> None:
    found = list(ways(knowledge, ["dortmund"]))
    walked = {
        (summary.audience, summary.start): len(summary.ways)
        for summary in summaries(found)
        if summary.start.startswith("f/")
    }

    assert [way for way in found if way.broken] == []
    assert walked == {
        (audience.value, f"f/{flow.id}"): len(list(paths(flow)))
        for flow in pack.flows.values()
        for audience in flow.audiences
    }
    assert all(way.actors and way.concern for way in found)
    assert {way.start for way in found} >= {f"c/{concern}" for concern in pack.concerns}
    assert {way.audience for way in found} == set(Audience)


def test_paths_without_a_contact_are_listed(knowledge: Knowledge) -> None:
    found = list(ways(knowledge, ["dortmund"]))
    silent = [way for way in found if not way.reachable]
    lines = list(told(found))

    assert lines[-1].endswith(f"{len(silent)} without a phone number, mail or address")
    for way in silent:
        assert any(
            f"{way.region} · {way.audience} · {way.concern} → {', '.join(way.actors)} " in line for line in lines
        )


def test_a_path_that_breaks_is_named_and_ends_in_1(city: Home) -> None:
    city.invoke("new-pack", "musterstadt", "--extends", "nrw")
    edit(
        city.folder / "musterstadt/referrals.yaml",
        "attest:",
        "# attest",
    )
    text = (city.folder / "musterstadt/referrals.yaml").read_text("utf-8")
    only = '  teacher:\n    - {actor: eigene-schule, why: "Ja.", when: {stufe: [ab-7]}}\n'
    others = "".join(
        f'  {who}:\n    - {{actor: eigene-schule, why: "Ja."}}\n' for who in ("parent", "student", "coordinator")
    )
    cut = re.sub(r"# attest.*?(?=^[a-z])", f"attest:\n{only}{others}", text, flags=re.DOTALL | re.MULTILINE)
    (city.folder / "musterstadt/referrals.yaml").write_text(cut, "utf-8")

    result = city.invoke("prove", "--region", "musterstadt", SCHULLOTSE_PACKS="musterstadt")

    assert result.exit_code == 1
    assert "BROKEN musterstadt · teacher · c/attest: nobody is responsible" in result.stdout


def test_the_proof_in_json_has_every_path_with_its_questions_and_actors(home: Home) -> None:
    result = home.invoke("prove", "--region", "dortmund", "--json", "--mutate", "5")
    tree = json.loads(result.stdout)

    assert result.exit_code == 0
    assert len(tree["paths"]) == sum(row["paths"] for row in tree["summary"])
    assert {"answers", "outcome", "concern", "actors", "reachable"} <= tree["paths"][0].keys()
    assert [(row["pack"], row["faults"], row["missed"]) for row in tree["faults"]] == [
        (pack, 5, []) for pack in ("common", "nrw", "dortmund")
    ]


def test_seeded_faults_change_no_file(home: Home) -> None:
    found, _ = folders([SHIPPED])
    before = {path: path.read_bytes() for path in SHIPPED.glob("dortmund/*.yaml")}
    region = examine([SHIPPED], thorough=False).german["dortmund"]

    assert len(seeded(found, "dortmund", region, 20)) == 20
    assert {path: path.read_bytes() for path in before} == before
