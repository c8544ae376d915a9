"""`schullotse export` and `schullotse import` as a city uses them."""

import json
import shutil
from pathlib import Path

import pytest

from bot.exchange import table
from bot.exchange.shared import shared
from knowledge.folders import SHIPPED
from knowledge.model import Actor, Pack
from knowledge.schema import typed
from knowledge.source import read
from tests.home import Home

EXAMPLES = Path(__file__).parents[2] / "data" / "hsds"
ROW = {
    "id": "stelle",
    "name": "Stelle",
    "kind": "municipal",
    "audiences": "parent",
    "does_parent": "Berät Sie.",
    "phone": "030 23125000",
    "source": "https://stadt.example",
    "as_of": "2026-01",
}


@pytest.fixture
def city(tmp_path: Path) -> Path:
    folder = tmp_path / "neustadt"
    folder.mkdir()
    (folder / "pack.yaml").write_text("name: Neustadt\nextends: common\n", "utf-8")
    return folder


def csv(folder: Path, *rows: dict[str, str], columns: tuple[str, ...] = tuple(ROW)) -> Path:
    path = folder.parent / "actors.csv"
    lines = [";".join(columns), *(";".join(row.get(column, "") for column in columns) for row in rows)]
    path.write_text("\n".join(lines), "utf-8")
    return path


def actor(folder: Path, name: str) -> Actor:
    document, _ = read(folder / "actors" / f"{name}.yaml", name)
    assert document is not None
    assert isinstance(document.tree, dict)
    value, problems = typed(Actor, {"id": name, **document.tree}, document)
    assert not problems
    assert value is not None
    return value


@pytest.mark.parametrize("form", ["hsds", "vcard", "ics", "csv"])
def test_an_export_is_the_same_bytes_every_time_on_the_screen_and_in_a_file(form: str, home: Home) -> None:
    first = home.invoke("export", "--format", form, "--region", "dortmund")
    again = home.invoke("export", "--format", form, "--region", "dortmund", "-o", "directory")
    assert (first.exit_code, again.exit_code) == (0, 0)
    assert (home.folder / "directory").read_bytes() == first.stdout_bytes
    assert b"0231 5010017" in first.stdout_bytes.replace(b"\r\n ", b"") or form == "ics"


def test_a_file_that_cannot_be_written_is_said_in_a_sentence(home: Home) -> None:
    result = home.invoke("export", "-o", "nowhere/directory")
    assert result.exit_code == 2
    assert result.stderr == "nowhere/directory cannot be written: No such file or directory\n"


@pytest.mark.parametrize("form", ["hsds", "csv"])
def test_an_export_put_back_into_its_pack_changes_nothing(form: str, home: Home) -> None:
    mine = shutil.copytree(SHIPPED / "dortmund", home.folder / "dortmund", ignore=shutil.ignore_patterns("i18n"))
    before = {path: path.read_bytes() for path in mine.rglob("*.yaml")}
    home.invoke("export", "--format", form, "--region", "dortmund", "-o", "directory")
    result = home.invoke("import", "--format", form, "directory", "--pack", "dortmund", "--replace")
    assert result.exit_code == 0
    assert set(result.stdout.splitlines()) == {
        line for line in result.stdout.splitlines() if line.endswith(": as in the pack already")
    }
    assert {path: path.read_bytes() for path in mine.rglob("*.yaml")} == before


@pytest.mark.parametrize("form", ["hsds", "csv"])
def test_an_export_fills_an_empty_pack(form: str, home: Home, city: Path, pack: Pack) -> None:
    home.invoke("export", "--format", form, "--region", "dortmund", "-o", "directory")
    assert home.invoke("import", "actors", "--format", form, "directory", "--pack", str(city)).exit_code == 0
    own = [pack.actors[name] for name in pack.actors if pack.origin[f"actor/{name}"].startswith("dortmund/")]
    assert [shared(one) for one in own] == [actor(city, one.id) for one in own]


def test_the_template_with_its_example_uncommented_is_an_actor(home: Home, city: Path) -> None:
    template = home.invoke("import", "actors", "--template").stdout_bytes.decode()
    header, example, *rest = template.removeprefix("\ufeff").split("\r\n")
    assert header == ";".join(table.COLUMNS)
    assert table.read(template, "") == ([], [])
    (home.folder / "mine.csv").write_text("\n".join([header, example.removeprefix("# "), *rest]), "utf-8")
    assert home.invoke("import", "mine.csv", "--pack", str(city)).exit_code == 0
    assert [fact.value for fact in actor(city, "beispiel-stelle").of_kind("phone")] == ["030 23125000", "030 23125001"]


@pytest.mark.parametrize(
    ("change", "said"),
    [
        ({"id": "Große Stelle"}, "'Große Stelle' is not an id; use lower-case letters a-z, digits and single hyphens"),
        ({"id": "../stelle"}, "'../stelle' is not an id; use lower-case letters a-z, digits and single hyphens"),
        ({"name": ""}, "has no name; write the office's full name"),
        ({"kind": "munizipal"}, "kind is 'munizipal', but must be one of municipal, state"),
        ({"audiences": ""}, "serves nobody; name at least one of teacher, parent, student, coordinator"),
        ({"audiences": "mother"}, "audiences.0 is 'mother', but must be one of teacher, parent"),
        ({"does_parent": ""}, "does not say what it does for the audience 'parent'"),
        ({"phone": "2315010017"}, "phone '2315010017' is not a phone; write it like 0231 5010017, 116 111 or 112"),
        ({"source": ""}, "phone '030 23125000' has no source; say where it was read"),
        ({"as_of": "1.1.26"}, "has as_of '1.1.26'; write YYYY, YYYY-MM, YYYY-MM-DD or unknown"),
        ({"phone": "030 23125000 | lable=Büro"}, "has the unknown part 'lable=Büro'; parts are label, as_of"),
        ({"phone": "030 23125000 | opens=Mo 09:00-10:00"}, "has 'opens', which only hours may have"),
    ],
)
def test_a_bad_row_is_refused_with_its_line_and_nothing_is_written(
    change: dict[str, str], said: str, home: Home, city: Path
) -> None:
    path = csv(city, {**ROW, "id": "gut"}, {**ROW, **change})
    result = home.invoke("import", str(path), "--pack", str(city))
    assert result.exit_code == 2
    assert result.stderr.startswith(f"{path}:3: ")
    assert said in result.stderr
    assert "nothing was written" in result.stderr
    assert not (city / "actors").exists()


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("", "1: is empty; the first line names the columns: id;name;kind;audiences;…"),
        ("id;name;kind", "1: lacks the column 'audiences'; schullotse import actors --template prints them all"),
        ("id;nmae;kind;audiences", "1: has the unknown column 'nmae'; did you mean 'name'?"),
        ("id;id;name;kind;audiences", "1: has the column 'id' twice"),
        ("id;name;kind;audiences\na;b;ngo;parent;;x", "2: has 2 cells more than the header has columns"),
        ('id;name;kind;audiences\n\na;"b" c;ngo;parent', "3: cannot be read as CSV"),
    ],
)
def test_a_table_that_is_none_is_refused(text: str, said: str, home: Home, city: Path) -> None:
    (home.folder / "actors.csv").write_text(text, "utf-8")
    result = home.invoke("import", "actors.csv", "--pack", str(city))
    assert result.exit_code == 2
    assert result.stderr.startswith(f"actors.csv:{said}")


def test_a_table_from_an_old_spreadsheet_is_refused_with_the_line_that_is_not_utf_8(home: Home, city: Path) -> None:
    (home.folder / "actors.csv").write_bytes("id;name;kind;audiences\na;Büro;ngo;parent".encode("cp1252"))
    result = home.invoke("import", "actors.csv", "--pack", str(city))
    assert (result.exit_code, result.stderr) == (
        2,
        "actors.csv:2: is not UTF-8; in a spreadsheet, save as 'CSV UTF-8'\n",
    )


def test_one_id_twice_in_a_file_is_refused(home: Home, city: Path) -> None:
    result = home.invoke("import", str(csv(city, ROW, ROW)), "--pack", str(city))
    assert result.exit_code == 2
    assert "actors.csv:3: stelle: stands in line 2 already; every actor has its own id" in result.stderr


def test_a_dry_run_says_what_would_happen_and_writes_nothing(home: Home, city: Path) -> None:
    result = home.invoke("import", str(csv(city, ROW)), "--pack", str(city), "--dry-run")
    assert (result.exit_code, result.stdout) == (0, "stelle: new\n")
    assert "1 of 1 actors would be written" in result.stderr
    assert not (city / "actors").exists()


def test_an_actor_that_is_there_is_overwritten_only_if_asked_and_keeps_what_is_private(home: Home, city: Path) -> None:
    home.invoke("import", str(csv(city, ROW)), "--pack", str(city))
    file = city / "actors" / "stelle.yaml"
    private = '  - {kind: person, value: A. B., source: x, as_of: unknown, internal: "true"}\n'
    file.write_text(file.read_text("utf-8") + private, "utf-8")
    before = file.read_bytes()
    changed = csv(city, {**ROW, "phone": "030 23125111", "name": "Neue Stelle"})

    kept = home.invoke("import", str(changed), "--pack", str(city))
    assert kept.stdout == (
        "stelle: name: 'Stelle' → 'Neue Stelle'; short: 'Stelle' → 'Neue Stelle'; phone: '030 23125000' "
        "(as of 2026-01, https://stadt.example) → '030 23125111' (as of 2026-01, https://stadt.example)\n"
    )
    assert "1 differ from the pack and stay: add --replace to overwrite them" in kept.stderr
    assert file.read_bytes() == before

    home.invoke("import", str(changed), "--pack", str(city), "--replace")
    assert [fact.value for fact in actor(city, "stelle").facts] == ["030 23125111", "A. B."]


def test_a_national_line_is_replaced_for_one_city_only_if_asked(home: Home, city: Path) -> None:
    path = csv(city, {**ROW, "id": "notruf-112", "phone": "113"})
    result = home.invoke("import", str(path), "--pack", str(city))
    assert "'112'" in result.stdout
    assert not (city / "actors" / "notruf-112.yaml").exists()


@pytest.mark.parametrize("arguments", [["actors.csv"], ["actors.csv", "--pack", "nowhere"], ["--pack", "neustadt"]])
def test_without_a_file_or_a_pack_the_command_says_what_it_needs(arguments: list[str], home: Home, city: Path) -> None:
    result = home.invoke("import", "actors", *arguments)
    assert result.exit_code == 2
    assert "pack" in result.stderr


@pytest.mark.parametrize("example", sorted(path.name for path in EXAMPLES.glob("*.json")))
def test_the_official_examples_of_hsds_come_in(example: str, home: Home, city: Path) -> None:
    result = home.invoke("import", "--format", "hsds", str(EXAMPLES / example), "--pack", str(city))
    assert result.exit_code == 0
    (file,) = (city / "actors").glob("*.yaml")
    found = actor(city, file.stem)
    assert found.kind == "unknown"
    assert f"{file.stem}: the file does not say what kind of office this is" in result.stderr
    assert all(fact.source == (f"HSDS: {example}",) for fact in found.facts)
    assert not found.of_kind("phone")  # "+44 1234 234567" in quotes cannot be dialled; a warning says so


def test_what_others_say_of_hours_and_named_mailboxes_is_understood(home: Home, city: Path) -> None:
    service = {
        "id": "1e690ffd-b6ec-5078-9aa0-d480a5606f5b",
        "name": "Träger für Ökologie & Straßenkinder",
        "status": "active",
        "description": None,
        "assured_date": "2026-02-03",
        "schedules": [
            {
                "id": "1e690ffd-b6ec-5078-9aa0-d480a5606f50",
                "byday": "MO,TU,FR",
                "opens_at": "09:00",
                "closes_at": "12:00:00",
            },
            {"id": "1e690ffd-b6ec-5078-9aa0-d480a5606f51", "byday": "WE", "opens_at": "09:00Z", "closes_at": "12:00Z"},
        ],
        "contacts": [
            {"id": "1e690ffd-b6ec-5078-9aa0-d480a5606f52", "name": "A. B.", "email": "ab@traeger.example"},
            {"id": "1e690ffd-b6ec-5078-9aa0-d480a5606f53", "email": "post@traeger.example"},
        ],
    }
    (home.folder / "services.json").write_text(json.dumps({"contents": [service]}), "utf-8")
    assert home.invoke("import", "--format", "hsds", "services.json", "--pack", str(city)).exit_code == 0
    found = actor(city, "traeger-fuer-oekologie-strassenkinder")
    assert [(fact.value, fact.personal) for fact in found.of_kind("email")] == [
        ("ab@traeger.example", True),
        ("post@traeger.example", False),
    ]
    assert [fact.opens for fact in found.of_kind("hours")] == [("Mo-Di 09:00-12:00", "Fr 09:00-12:00")]
    assert {fact.as_of for fact in found.facts} == {"2026-02-03"}


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("{", "services.json:1: is not JSON"),
        ("[" * 100_000, "services.json:1: is nested too deeply for HSDS"),
        ("[]", "services.json:1: holds no service"),
        ('{"status":\n"active", "id": "x"}', "services.json:2: is not HSDS: "),
        ('[{"services": [1]}]', "services.json:1: is not HSDS: "),
        ('{"status": "active", "name": 1, "provenance": [1]}', "services.json:1: is not HSDS: "),
    ],
)
def test_what_is_not_hsds_is_refused(text: str, said: str, home: Home, city: Path) -> None:
    (home.folder / "services.json").write_text(text, "utf-8")
    result = home.invoke("import", "--format", "hsds", "services.json", "--pack", str(city))
    assert result.exit_code == 2
    assert result.stderr.startswith(said)
