"""Dialogues as text: recorded, replayed, and carried by packs; also those that only say what matters."""

from pathlib import Path

import pytest

from bot.dialogues import differences, retold
from knowledge.base import Knowledge
from knowledge.check.dialogues import parse
from tests.home import Home

HEAD = "= Probe\nregion: dortmund\naudience: parent\n\n"
FEAR = "> Mein Kind hat Angst vor der Schule\n"


def told(knowledge: Knowledge, text: str) -> list[str]:
    scene, problems = parse(text, "probe.txt")
    return [str(problem) for problem in problems or differences(knowledge, scene)]


def test_what_is_recorded_replays_without_a_difference(home: Home) -> None:
    typed = "Mein Kind hat Angst vor der Schule\n1\n>> do/restart\n\nich will nicht mehr leben\n"

    recorded = home.run("record", "angst.txt", "--region", "dortmund", "--audience", "parent", input=typed)
    replayed = home.invoke("replay", "angst.txt")
    text = (home.folder / "angst.txt").read_text("utf-8")

    assert recorded.returncode == 0
    assert "▸" in recorded.stdout
    assert (replayed.exit_code, replayed.stdout) == (0, "")
    assert text.startswith("= angst\nregion: dortmund\naudience: parent\n\n> Mein Kind hat Angst vor der Schule\n")
    assert [line for line in text.splitlines() if line.startswith(">")][2:] == [
        *(">> do/restart", "> ", "> ich will nicht mehr leben")
    ]
    assert "# CrisisShown()" in text


def test_a_recording_never_overwrites(home: Home) -> None:
    (home.folder / "da.txt").write_text("= da\n")

    result = home.invoke("record", "da.txt")

    assert (result.exit_code, (home.folder / "da.txt").read_text()) == (2, "= da\n")
    assert "never overwrites" in result.stderr


def test_a_difference_names_file_line_expectation_and_answer(home: Home) -> None:
    home.run("record", "angst.txt", "--region", "dortmund", "--audience", "parent", input="Attest\n")
    path = home.folder / "angst.txt"
    lines = path.read_text("utf-8").splitlines()
    number = next(number for number, line in enumerate(lines, 1) if line.startswith("▸"))
    right = lines[number - 1]
    lines[number - 1] = "▸ Jemand anders"
    path.write_text("\n".join(lines) + "\n", "utf-8")

    wrong = home.invoke("replay", "angst.txt")
    home.invoke("replay", "angst.txt", "--update")

    assert wrong.exit_code == 1
    assert wrong.stdout == f"angst.txt:{number}: expected '▸ Jemand anders', got '{right}'\n"
    assert home.invoke("replay", "angst.txt").exit_code == 0


def test_a_dialogue_may_say_only_what_matters(knowledge: Knowledge) -> None:
    text = f"{HEAD}{FEAR}? schulpsychologische\n? wenn  dort niemand ABNIMMT\n! kub-dortmund.de\n\n> 112\n"

    assert told(knowledge, text) == []
    assert told(knowledge, f"{HEAD}{FEAR}? Polizei\n")[0].startswith(
        "probe.txt:6: expected an answer with 'Polizei', got 'Guten Tag"
    )
    assert told(knowledge, f"{HEAD}{FEAR}\n! schullotse\n")[0].startswith(
        "probe.txt:7: expected an answer without 'schullotse', got 'Guten Tag"
    )


def test_an_answer_that_is_longer_or_shorter_differs(knowledge: Knowledge) -> None:
    whole = retold(knowledge, parse(f"{HEAD}{FEAR}", "probe.txt")[0])
    shorter = "\n".join(whole.splitlines()[:-1]) + "\n"

    assert told(knowledge, whole) == []
    assert told(knowledge, shorter)[0].partition(": expected ")[2].startswith("nothing more, got '")
    assert told(knowledge, f"{whole.rstrip()}\nmehr\n")[0].endswith("expected 'mehr', got nothing more")


def test_comments_and_demands_stay_when_a_dialogue_is_rewritten(knowledge: Knowledge) -> None:
    text = f"= Probe\n# warum\nregion: dortmund\naudience: parent\n\n{FEAR}# Kommentar\n? Schulpsychologie\n"

    assert retold(knowledge, parse(text, "probe.txt")[0]) == text


@pytest.mark.parametrize(
    ("text", "line", "problem"),
    [
        ("= x\n", 1, "has no message"),
        (f"= x\nregoin: dortmund\n\n{FEAR}", 2, "did you mean 'region'?"),
        (f"= x\naudience: lehrer\n\n{FEAR}", 2, "teacher, parent, student, coordinator"),
        (f"= x\nat: gestern\n\n{FEAR}", 2, "2026-11-20T10:00"),
        (f"{HEAD}{FEAR}? KuB\nKuB\n", 7, "write '? KuB'"),
        (f"{HEAD}{FEAR}?\n", 6, "says nothing"),
        (f"{HEAD}{FEAR}>x\n", 6, "says nothing"),
        (f"= x\nregion: atlantis\n\n{FEAR}", 1, "atlantis"),
    ],
)
def test_a_mistake_in_the_form_is_named(knowledge: Knowledge, text: str, line: int, problem: str) -> None:
    found = told(knowledge, text)

    assert found[0].startswith(f"probe.txt:{line}: ")
    assert problem in found[0]


def test_check_replays_the_dialogues_of_a_pack(city: Home) -> None:
    city.invoke("new-pack", "musterstadt", "--extends", "nrw")
    path = city.folder / "musterstadt" / "dialogues" / "erster-kontakt.txt"
    right = city.invoke("check", "musterstadt")
    path.write_text(path.read_text("utf-8").replace("? 112", "? 0231 5010017"), "utf-8")

    wrong = city.invoke("check", "musterstadt")
    number = path.read_text("utf-8").splitlines().index("? 0231 5010017") + 1

    assert (right.exit_code, wrong.exit_code) == (0, 1)
    assert f"musterstadt/dialogues/erster-kontakt.txt:{number}: expected an answer with '0231 5010017'" in wrong.stdout


def test_a_dialogue_of_a_parent_holds_in_every_city_below(city: Home) -> None:
    for name, above in (("land", "nrw"), ("eins", "land"), ("zwei", "land")):
        packs = {"SCHULLOTSE_PACKS": "packs"} if above == "land" else {}
        assert city.invoke("new-pack", name, "--extends", above, "--folder", "packs", **packs).exit_code == 0
        if name == "land":
            (city.folder / "packs" / "land" / "pack.yaml").write_text("name: Land\nextends: nrw\n")
    dialogue = city.folder / "packs" / "land" / "dialogues" / "erster-kontakt.txt"
    dialogue.write_text("audience: parent\n\n> Hallo\n? Schullotse Eins\n")

    result = city.invoke("check", "packs")

    assert result.exit_code == 1
    assert result.stdout.count("land/dialogues/erster-kontakt.txt:4: expected an answer with 'Schullotse Eins'") == 1
    assert "Schullotse Zwei" in result.stdout


def test_a_file_that_is_no_text_is_named(home: Home, tmp_path: Path) -> None:
    (tmp_path / "x.txt").write_bytes(b"= x\n\n> \xff\n")

    result = home.invoke("replay", "x.txt", "fehlt.txt")

    assert result.exit_code == 1
    assert "x.txt:1: is not UTF-8 text" in result.stdout
    assert "fehlt.txt:1: cannot be read" in result.stdout
