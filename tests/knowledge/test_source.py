"""YAML files are read as plain text, and refused where they could hide something."""

from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from knowledge.source import MAX_BYTES, parse, read


def test_every_scalar_stays_text() -> None:
    document, problems = parse("tel: 0231123\nzeit: 12:30\nnein: no\nleer:\nzahl: 1e3\n", "x.yaml")

    assert not problems
    assert document
    assert document.tree == {"tel": "0231123", "zeit": "12:30", "nein": "no", "leer": "", "zahl": "1e3"}


def test_lines_are_known_for_every_key_and_item() -> None:
    document, _ = parse("a: 1\nb:\n  - x\n  - c: 2\n", "x.yaml")

    assert document
    assert document.line(("b", 1, "c")) == 4
    assert document.line(("b", 1, "missing", "deeper")) == 4


@pytest.mark.parametrize(
    ("text", "line", "words"),
    [
        ("a: &k 1\nb: *k\n", 1, "anchors are not allowed"),
        ("a: 1\nb: *k\n", 2, "aliases are not allowed"),
        ("a: !!python/object:os.system x\n", 1, "tags are not allowed"),
        ("a: 1\na: 2\n", 2, "twice (first in line 1)"),
        ("a: 1\n\tb: 2\n", 2, "tab"),
        ("a: [1, 2\n", 2, "not valid YAML"),
        ("", 1, "is empty"),
        ("# nothing\n", 1, "is empty"),
        ("a: 1\n---\nb: 2\n", 2, "second document"),
        ("a: " + "[" * 40 + "]" * 40 + "\n", 1, "nested deeper"),
    ],
)
def test_what_could_hide_something_is_refused_with_its_line(text: str, line: int, words: str) -> None:
    _, problems = parse(text, "x.yaml")

    assert [(problem.line, words in problem.text) for problem in problems][:1] == [(line, True)]


def test_a_bomb_of_aliases_is_refused_at_once() -> None:
    bomb = 'a: &a ["x"]\n' + "".join(
        f"{chr(98 + n)}: &{chr(98 + n)} [{', '.join(['*' + chr(97 + n)] * 9)}]\n" for n in range(8)
    )

    document, problems = parse(bomb, "x.yaml")

    assert document is None
    assert "anchors are not allowed" in problems[0].text


def test_a_file_that_is_too_large_or_not_utf8_or_missing_is_a_sentence(tmp_path: Path) -> None:
    (tmp_path / "large.yaml").write_bytes(b"a: " + b"x" * MAX_BYTES)
    (tmp_path / "latin.yaml").write_bytes("a: 1\nb: ü\n".encode("latin-1"))

    assert "split the file" in read(tmp_path / "large.yaml", "large.yaml")[1][0].text
    assert read(tmp_path / "latin.yaml", "latin.yaml")[1][0].line == 2
    assert "cannot be read" in read(tmp_path / "none.yaml", "none.yaml")[1][0].text


@given(text=st.text(max_size=200) | st.text(alphabet=" -:[]{}&*!|>'\"#\n\tab", max_size=60))
def test_any_text_is_read_or_refused_but_never_crashes(text: str) -> None:
    document, problems = parse(text, "x.yaml")

    assert document is not None or problems
