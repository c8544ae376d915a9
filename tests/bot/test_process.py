"""The command as a process of its own: pipes, broken pipes, odd bytes, and a clean end."""

import json
import signal

from tests.home import Home

CRY = "ich will nicht mehr leben"


def test_a_conversation_works_in_a_pipe_and_leaves_no_conversation_open(home: Home) -> None:
    typed = "Hallo\n2\nmein Kind wird gemobbt\n\x00\nlöschen\n".encode() + b"\xff\xfe\n" + CRY.encode()

    result = home.run("chat", "--region", "dortmund", input=typed, encoding=None)
    said = result.stdout.decode("utf-8")

    assert result.returncode == 0
    assert result.stderr == b""
    assert "Wer fragt?" in said
    assert "▸" in said
    assert "116 111" in said[said.rindex("112") :]


def test_questions_are_answered_line_by_line_whatever_came_before(home: Home) -> None:
    asked = [
        {"id": "q1", "text": "Mein Kind wird in der Schule gemobbt", "lang": "de", "audience": "parent"},
        {"id": 2, "text": CRY, "region": "dortmund", "audience": "student"},
        {"id": "q3"},
        {"id": "q4", "text": "x", "region": "atlantis"},
        {"id": "q5", "text": ["x"]},
        {"id": "q6", "text": "x", "audience": {"a": 1}},
        {"id": "q8", "text": "😀" * 3000},
    ]
    broken = ["[", "[]", "null", '"text"', "{}", '{"id": 1, "text": "x"', "[" * 100_000, "9" * 5000, "nonsense"]
    last = json.dumps({"id": "last", "text": "Schwänzen"})
    with home.start("ask", "--jsonl") as process:
        assert process.stdin
        assert process.stdout
        answers = []
        for question in asked:
            process.stdin.write(json.dumps(question) + "\n")
            process.stdin.flush()
            answers.append(json.loads(process.stdout.readline()))
        rest, errors = process.communicate("\n".join([*broken, "", last]))
    told = [json.loads(line) for line in rest.splitlines()]

    assert (process.returncode, errors) == (0, "")
    assert [answer["id"] for answer in answers[:6]] == ["q1", 2, "q3", "q4", "q5", "q6"]
    assert answers[0].keys() == {"id", "concerns", "confidence", "danger", "actors", "why"}
    assert (answers[0]["concerns"][0], answers[0]["danger"]) == ("mobbing", False)
    assert (answers[1]["concerns"][0], answers[1]["danger"]) == ("akute-gefahr", True)
    assert [answer.keys() for answer in answers[2:6]] == [{"id", "error"}] * 4
    assert "dortmund" in answers[3]["error"]
    assert [answer.keys() for answer in told[:-1]] == [{"id", "error"}] * len(broken)
    assert told[-1]["concerns"][0] == "unentschuldigtes-fehlen"


def test_half_a_letter_in_a_line_does_not_end_the_loop(home: Home) -> None:
    asked = '{"id": "\\ud800", "text": "angst \\ud800"}\n{"id": "last", "text": "mein Kind schwänzt"}\n'

    result = home.run("ask", "--jsonl", input=asked)

    assert "Traceback" not in result.stderr
    assert json.loads(result.stdout.splitlines()[-1])["id"] == "last"


def test_a_reader_who_leaves_early_hears_no_complaint(home: Home) -> None:
    with home.start("show", "actors", "--json") as process:
        assert process.stdout
        assert process.stderr
        process.stdout.close()
        errors = process.stderr.read()

    assert "Traceback" not in errors
    assert process.returncode in (0, 141)


def test_a_terminal_that_knows_few_letters_still_shows_the_numbers(home: Home) -> None:
    result = home.run(
        "chat", "--audience", "parent", input=CRY + "\nmein Kind wird gemobbt", errors="replace",
        env=home.environment(PYTHONIOENCODING="cp1252"),
    )  # fmt: skip

    assert "Traceback" not in result.stderr
    assert result.returncode == 0
    assert "116 111" in result.stdout


def test_a_runtime_folder_that_cannot_be_used_ends_in_no_traceback(home: Home) -> None:
    (home.runtime / "schullotse").write_text("a file where the folder should be")

    result = home.run("chat", "--audience", "parent", input=CRY)

    assert "Traceback" not in result.stderr
    assert result.returncode in (0, 2)
    if result.returncode == 0:
        assert "116 111" in result.stdout


def test_a_process_that_is_interrupted_says_nothing(home: Home) -> None:
    with home.start("chat") as process:
        assert process.stdin
        assert process.stdout
        process.stdin.write("Hallo\n")
        process.stdin.flush()
        process.stdout.readline()
        process.send_signal(signal.SIGINT)
        _, errors = process.communicate()

    assert "Traceback" not in errors
    assert process.returncode == 130
