"""The command in one process with the test: what it prints, its exit codes, and errors that are sentences."""

import json
import shutil
from pathlib import Path

import pytest
import typer

from bot.cli import cli
from bot.store import Batch, Count, Done, Sealed
from bot.store.sql import SqlStore
from knowledge.folders import SHIPPED
from tests.home import Home

REFERRALS = "dortmund/referrals.yaml"


def commands() -> list[tuple[str, ...]]:
    """Every command with its group."""
    main = typer.main.get_command(cli)
    groups = {name: getattr(command, "commands", None) for name, command in main.commands.items()}
    return [(name, sub) for name, subs in groups.items() for sub in subs or ()] + [
        (name,) for name, subs in groups.items() if not subs
    ]


def sentence(text: str) -> str:
    """The error, if it is one line for people."""
    assert text.strip(), "nothing was said"
    assert "Traceback" not in text
    assert len(text.strip().split()) >= 5, text
    return text


@pytest.fixture
def packs(tmp_path: Path) -> Path:
    """A copy of the shipped packs, without what takes long to read."""
    folder = tmp_path / "packs"
    return shutil.copytree(SHIPPED, folder, ignore=shutil.ignore_patterns("examples", "i18n", "__pycache__"))


@pytest.fixture
def counted(home: Home) -> Home:
    """A home whose database holds counts of different sizes, and two conversations that nobody can open."""
    store = SqlStore(home.url)
    bigger = Count("dortmund", "2026-W47", "mobbing", "teacher", "schulpsychologie", "console", "referred", 7)
    older = Count("dortmund", "2026-W01", "attest", "parent", "schulamt", "console", "referred", 6)
    few = Count("dortmund", "2026-W47", "schulangst", "student", "kinderaerzte", "console", "referred", 4)
    rows = [Sealed(bytes([number]) * 16, 1, b"sealed") for number in range(2)]
    store.write(Batch(done=(Done((), rows[0], (bigger, older, few)),)))
    store.write(Batch(done=(Done((), rows[1], ()),)))
    store.close()
    return home


def test_every_command_of_the_contract_is_there_and_explains_itself(home: Home) -> None:
    assert {" ".join(command) for command in commands()} >= {
        *(
            "chat",
            "ask",
            "serve",
            "check",
            "graph",
            "show",
            "report",
            "release",
            "db upgrade",
            "purge",
            "forget",
            "doctor",
        )
    }
    for command in commands():
        result = home.invoke(*command, "--help")

        assert result.exit_code == 0
        assert len(result.stdout.split()) > 15


def test_the_version_is_a_number(home: Home) -> None:
    result = home.invoke("--version")

    assert (result.exit_code, result.stdout.split()[0]) == (0, "schullotse")
    assert result.stdout.split()[1][0].isdecimal()


@pytest.mark.parametrize(
    ("arguments", "told"),
    [
        (("chat", "--region", "atlantis"), "dortmund"),
        (("chat", "--audience", "boss"), "teacher, parent, student, coordinator"),
        (("chat", "--lang", "xx"), "de"),
        (("chat", "--db", "mysql://somebody:geheim@localhost/x"), "mysql"),
        (("ask",), "--jsonl"),
        (("ask", "Angst", "--jsonl"), "--jsonl"),
        (("ask", "Angst", "--audience", "boss"), "parent"),
        (("check", "nowhere"), "nowhere"),
        (("graph", "fehlzeitn"), "fehlzeiten"),
        (("graph", "fehlzeiten", "-o", "nowhere/x.svg"), "nowhere/x.svg"),
        (("show", "--region", "atlantis"), "dortmund"),
        (("report", "--region", "atlantis"), "dortmund"),
        (("report", "--period", "next year"), "2026-Q4"),
        (("forget",), "--all"),
        (("serve",), "SCHULLOTSE_TELEGRAM__TOKEN"),
        (("doctor", "--config", "nowhere.yaml"), "nowhere.yaml"),
    ],
    ids=lambda value: " ".join(value) if isinstance(value, tuple) else "",
)
def test_a_mistake_ends_in_a_sentence_and_exit_code_2(home: Home, arguments: tuple[str, ...], told: str) -> None:
    result = home.invoke(*arguments)

    assert result.exit_code == 2
    assert told in sentence(result.stderr)
    assert "geheim" not in result.output


@pytest.mark.parametrize("arguments", [("foo",), ("graph",), ("graph", "eltern", "--format", "gif"), ("ask", "--jsn")])
def test_wrong_usage_has_exit_code_2(home: Home, arguments: tuple[str, ...]) -> None:
    result = home.invoke(*arguments)

    assert result.exit_code == 2
    assert "Traceback" not in result.output


def test_a_question_is_answered_with_a_number_to_call(home: Home) -> None:
    result = home.invoke("ask", "mein Sohn wird in der Schule gemobbt und geschlagen", "--audience", "parent")

    assert result.exit_code == 0
    assert "▸" in result.stdout
    assert result.stderr == ""
    assert not home.database.exists()


def test_a_question_in_json_has_the_keys_of_the_contract(home: Home) -> None:
    result = home.invoke("ask", "Ein Schüler fehlt seit drei Wochen", "--audience", "teacher", "--json")
    found = json.loads(result.stdout)

    assert result.exit_code == 0
    assert found.keys() >= {"concerns", "confidence", "danger", "actors", "why"}
    assert [card["actor"] for card in found["cards"]] == found["actors"]
    assert 0 <= found["confidence"] <= 1
    assert 1 <= len(found["concerns"]) <= 5


def test_danger_in_a_question_shows_the_numbers_first(home: Home) -> None:
    result = home.invoke("ask", "ich will nicht mehr leben", "--audience", "student")

    assert result.exit_code == 0
    assert result.stdout.index("112") < result.stdout.index("▸")


def test_what_is_none_of_ours_has_exit_code_3(home: Home) -> None:
    assert home.invoke("ask", "Wie wird das Wetter morgen?").exit_code == 3


def test_packs_without_problems_have_exit_code_0(home: Home, packs: Path) -> None:
    result = home.invoke("check", str(packs), "--json")

    assert result.exit_code == 0
    assert [row for row in json.loads(result.stdout) if not row["warning"]] == []


def test_a_mistake_in_a_pack_is_named_with_file_and_line(home: Home, packs: Path) -> None:
    lines = (packs / REFERRALS).read_text("utf-8").splitlines(keepends=True)
    number = next(number for number, line in enumerate(lines) if "actor: kub" in line)
    lines[number] = lines[number].replace("actor: kub", "actor: kuub")
    (packs / REFERRALS).write_text("".join(lines), "utf-8")

    told = home.invoke("check", str(packs))
    listed = home.invoke("check", str(packs), "--json")

    assert (told.exit_code, listed.exit_code) == (1, 1)
    assert any(line.startswith(f"{REFERRALS}:{number + 1}: ") and "kuub" in line for line in told.stdout.splitlines())
    assert (REFERRALS, number + 1) in {(row["file"], row["line"]) for row in json.loads(listed.stdout)}
    assert {row.keys() >= {"file", "line", "text", "warning"} for row in json.loads(listed.stdout)} == {True}


def test_a_broken_pack_stops_every_command_with_all_its_problems(home: Home, tmp_path: Path) -> None:
    (tmp_path / "extra" / "herne").mkdir(parents=True)
    (tmp_path / "extra" / "herne" / "pack.yaml").write_text("name: [Herne\n")

    result = home.invoke("show", SCHULLOTSE_PACKS=str(tmp_path / "extra"))

    assert result.exit_code == 2
    assert "herne/pack.yaml:" in sentence(result.stderr)


@pytest.mark.parametrize("part", ["actors", "concerns", "flows"])
def test_knowledge_is_shown_with_its_origin(home: Home, part: str) -> None:
    told, listed = home.invoke("show", part), home.invoke("show", part, "--json")
    rows = json.loads(listed.stdout)

    assert (told.exit_code, listed.exit_code) == (0, 0)
    assert len(rows) > 5
    for row in rows:
        assert row["id"] in told.stdout
        assert row["origin"] in told.stdout


@pytest.mark.parametrize("arguments", [("purge",), ("forget", "--all")])
def test_what_nobody_can_open_is_deleted_and_the_counts_stay(counted: Home, arguments: tuple[str, ...]) -> None:
    first, second = counted.invoke(*arguments), counted.invoke(*arguments)

    assert (first.exit_code, first.stderr.split()[0]) == (0, "2")
    assert (second.exit_code, second.stderr.split()[0]) == (0, "0")
    assert [count.n for count in SqlStore(counted.url).tally()] == [6, 7, 4]


def test_a_database_is_made_where_it_is_asked_for(home: Home) -> None:
    result = home.invoke("db", "upgrade", "--db", f"sqlite:///{home.folder / 'elsewhere' / 'x.db'}")

    assert result.exit_code == 0
    assert (home.folder / "elsewhere" / "x.db").is_file()
    assert not home.database.exists()


def test_the_doctor_says_what_to_do(home: Home) -> None:
    well, ill = home.invoke("doctor"), home.invoke("doctor", SCHULLOTSE_REGION="atlantis")

    assert (well.exit_code, ill.exit_code) == (0, 1)
    assert all(line.startswith("ok ") for line in well.stdout.splitlines())
    assert "dortmund" in next(line for line in ill.stdout.splitlines() if line.startswith("FAIL"))


@pytest.mark.parametrize("command", ["serve", "doctor", "report"])
def test_a_secret_is_never_printed(home: Home, command: str) -> None:
    address = "mysql://somebody:geheim-eins@localhost/x"
    (home.folder / "own.yaml").write_text("telegram: {token: geheim-zwei, mode: geheim}\nsecret: [geheim-drei]\n")

    set_up = home.invoke(command, SCHULLOTSE_DATABASE_URL=address, SCHULLOTSE_TELEGRAM__TOKEN="geheim-zwei")
    broken = home.invoke(command, "--config", "own.yaml", SCHULLOTSE_WEB__PORT="geheim-vier")

    assert (set_up.exit_code in (1, 2), broken.exit_code) == (True, 2)
    assert "geheim" not in set_up.output.replace("'polling'", "") + sentence(broken.stderr)
