"""`due` and `confirm`: what must be asked again, and what was found out written back into the file."""

import json
import re
import shutil
from datetime import date
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.confirm import Confirmed, change
from bot.due import due
from bot.page import Page, PageError
from knowledge.folders import SHIPPED
from knowledge.freshness import State
from knowledge.load import PackError, examine
from knowledge.source import parse, read, spans
from tests.home import Home

TODAY = date(2026, 11, 22)
ACTOR = """\
# Ein Amt. Diese Zeile bleibt.
name: Amt für Schülerhilfe 😀
short: 'Amt' # auch diese
kind: municipal
audiences: [parent, teacher]
does:
  parent: "Hilft."
  teacher: Hilft.
facts:
  # die Nummer
  - kind: phone
    label: Hotline
    value: "0231 5010017"   # aus dem Faltblatt
    source:
      - https://stadt.de
      - Faltblatt
    as_of: "2021-12"
    unsure: true
    note: ruhig

  - kind: phone
    label: Hotline
    value: 0231 5010018
    source: https://alt.de
    as_of: unknown
  # die Zeiten
  - kind: hours
    value: 'Mo–Fr 9–12 Uhr'
    opens: ["Mo-Fr 09:00-12:00"]
    source: https://stadt.de
    as_of: "2022"
  - kind: email
    value: amt@stadt.de
    source: >-
      ein langer
      Hinweis
    as_of: "2022"
    valid_until: "2023-05"
  - kind: caveat
    value: nur für uns
    source: x
    as_of: unknown
    internal: true
"""


@pytest.fixture
def packs(tmp_path: Path) -> Path:
    """The shipped packs, and a city whose only own office is `amt`."""
    root = shutil.copytree(SHIPPED, tmp_path / "packs", ignore=shutil.ignore_patterns("examples", "i18n", "dialogues"))
    (root / "dortmund" / "actors" / "amt.yaml").write_text(ACTOR, "utf-8", newline="")
    referrals = root / "dortmund" / "referrals.yaml"
    text = referrals.read_text("utf-8")
    first = re.search(r"^  (parent|teacher):\n", text, re.MULTILINE)
    assert first
    entry = "    - {actor: amt, why: Hilft.}\n"
    referrals.write_text(text[: first.end()] + entry + text[first.end() :], "utf-8")
    assert examine([root], thorough=False).errors == ()
    return root


def made(packs: Path, actor: str = "amt", **values: Any) -> tuple[str, tuple[str, ...]]:
    """The new text and what is told; *values* are those of Confirmed."""
    found = change([packs], actor, Confirmed(**{"as_of": "2026-11-22", **values}))
    return found.text, found.told


def test_a_new_number_replaces_only_what_it_must(packs: Path) -> None:
    text, told = made(packs, values={"phone": "0231 5010019"}, source="Anruf: im Amt")

    old_source = "    source:\n      - https://stadt.de\n      - Faltblatt\n"
    expected = ACTOR.replace('"0231 5010017"', '"0231 5010019"')
    expected = expected.replace(old_source, '    source: "Anruf: im Amt"\n')
    expected = expected.replace('"2021-12"', '"2026-11-22"').replace("    unsure: true\n", "")
    old = expected.index("  - kind: phone", expected.index("ruhig"))
    expected = expected[:old] + expected[expected.index("  # die Zeiten") :]
    assert text == expected
    assert "'0231 5010017' → '0231 5010019'; source 'Anruf: im Amt'; as_of 2021-12 → 2026-11-22" in told[0]
    assert told[0].startswith("dortmund/actors/amt.yaml:11: phone (Hotline): ")
    assert "0231 5010018" in told[1]


def test_the_same_number_only_gets_a_new_date(packs: Path) -> None:
    text, told = made(packs, values={"phone": "0231 5010018"})

    assert "- kind: phone\n    label: Hotline\n    value: 0231 5010018\n" in text
    assert 'source: https://alt.de\n    as_of: "2026-11-22"' in text
    assert "0231 5010017" not in text
    assert len(told) == 2


def test_hours_need_their_machine_form_too(packs: Path) -> None:
    with pytest.raises(PageError, match="--opens is missing"):
        made(packs, values={"hours": "Mo 9–10 Uhr"}, source="Anruf")

    text, _ = made(packs, values={"hours": "Mo 9–10 Uhr"}, source="Anruf", opens=("Mo 09:00-10:00",))

    assert "value: 'Mo 9–10 Uhr'\n    opens: [\"Mo 09:00-10:00\"]\n    source: Anruf\n" in text


def test_an_end_that_has_passed_goes_with_the_new_date(packs: Path) -> None:
    text, _ = made(packs, values={"email": "neu@stadt.de"}, source="Anruf")

    assert 'value: neu@stadt.de\n    source: "Anruf"\n    as_of: "2026-11-22"\n  - kind: caveat' in text


def test_a_kind_that_was_unknown_is_added_after_all_others(packs: Path) -> None:
    text, told = made(packs, values={"web": "https://stadt.de/amt"}, source="https://stadt.de/amt")

    assert text.startswith(ACTOR)
    assert text.removeprefix(ACTOR) == (
        '  - kind: web\n    value: "https://stadt.de/amt"\n'
        '    source: "https://stadt.de/amt"\n    as_of: "2026-11-22"\n'
    )
    assert "is new" in told[0]


def test_all_that_is_shown_is_confirmed_at_once_and_nothing_internal(packs: Path) -> None:
    path = packs / "dortmund" / "actors" / "amt.yaml"
    with pytest.raises(PageError, match="two versions of phone"):
        made(packs)
    path.write_text(ACTOR.replace("0231 5010018", "0231 5010017"), "utf-8")

    text, told = made(packs)

    assert len(told) == 4
    assert text.count('as_of: "2026-11-22"') == 4
    assert "value: nur für uns\n    source: x\n    as_of: unknown\n" in text


def test_line_ends_and_marks_of_windows_stay(packs: Path) -> None:
    path = packs / "dortmund" / "actors" / "amt.yaml"
    written = "\ufeff" + ACTOR.replace("\n", "\r\n")
    path.write_bytes(written.encode())

    text, _ = made(packs, values={"phone": "0231 5010018"})

    assert text.startswith("\ufeff# Ein Amt")
    assert text.count("\n") == text.count("\r\n")
    assert 'value: 0231 5010018\r\n    source: https://alt.de\r\n    as_of: "2026-11-22"\r\n' in text


@pytest.mark.parametrize(
    ("values", "reason"),
    [
        ({"values": {"phone": "0999 1234567"}, "source": "x"}, "no such number"),
        ({"values": {"phone": "null"}, "source": "x"}, "not a value for phone"),
        ({"values": {"email": "amt@stadt"}, "source": "x"}, "not a value for email"),
        ({"values": {"web": "stadt"}, "source": "x"}, "not a value for web"),
        ({"values": {"address": ""}, "source": "x"}, "not a value for address"),
        ({"values": {"phone": "0231 5010019"}}, "--source is missing"),
        ({"values": {"web": "https://stadt.de"}}, "--source is missing"),
    ],
)
def test_what_cannot_be_right_is_refused(packs: Path, values: dict[str, Any], reason: str) -> None:
    with pytest.raises(PageError, match=reason):
        made(packs, **values)


def test_a_change_that_breaks_the_pack_is_refused(packs: Path) -> None:
    with pytest.raises(PackError, match="Mo-Mi"):
        made(packs, values={"hours": "Mo–Mi"}, source="Anruf", opens=("Mo-Mi",))


def test_who_has_several_numbers_is_asked_which_one(packs: Path) -> None:
    path = packs / "dortmund" / "actors" / "amt.yaml"
    path.write_text(ACTOR.replace("    label: Hotline\n    value: 0231", "    label: Büro\n    value: 0231"), "utf-8")

    with pytest.raises(PageError, match="--label: 'Büro', 'Hotline'"):
        made(packs, values={"phone": "0231 5010019"}, source="Anruf")
    text, _ = made(packs, values={"phone": "0231 5010019"}, source="Anruf", label="Büro")

    assert 'label: Büro\n    value: "0231 5010019"' in text
    assert '"0231 5010017"' in text


def test_facts_in_one_line_are_left_to_people() -> None:
    page = Page('facts: [{kind: phone, value: "1", source: x, as_of: unknown}]\n', "a.yaml")

    page.put(0, "as_of", "2026")
    assert page.written() == 'facts: [{kind: phone, value: "1", source: x, as_of: "2026"}]\n'
    for refused in (lambda: page.delete(0), lambda: page.add({"kind": "web"}), lambda: page.put(0, "note", "x")):
        with pytest.raises(PageError, match="in one line"):
            refused()


TEXTS = st.text(st.characters(codec="utf-8", exclude_categories=("Cs", "Cc")), min_size=1, max_size=40)


@given(TEXTS, st.sampled_from(["value", "source", "as_of", "note"]), st.integers(0, 3))
def test_any_words_come_out_as_they_went_in_and_nothing_else_changes(words: str, key: str, number: int) -> None:
    page = Page(ACTOR, "amt.yaml")
    page.put(number, key, words)

    written = page.written()
    document, problems = parse(written, "amt.yaml")

    assert problems == []
    assert document
    assert isinstance(document.tree, dict)
    assert document.tree["facts"][number][key] == words  # type: ignore[index,call-overload]
    assert [line for line in ACTOR.splitlines() if line.startswith(("#", "  #"))] == [
        line for line in written.splitlines() if line.startswith(("#", "  #"))
    ]


def test_every_value_of_every_shipped_actor_stands_where_it_is_said_to() -> None:
    for path in SHIPPED.rglob("actors/*.yaml"):
        text = path.read_bytes().decode()
        document, _ = read(path, path.name)
        values, _ = spans(text)
        assert document
        for where, (start, end) in values.items():
            tree: Any = document.tree
            for step in where:
                tree = tree[step]
            if isinstance(tree, str):
                again, _ = parse(f"- {text[start:end]}\n", "")
                assert again, (path, where)
                assert again.tree == [tree]


def test_every_number_of_the_shipped_packs_can_be_confirmed_alone(packs: Path) -> None:
    for pack in ("dortmund", "common"):
        for path in sorted((packs / pack / "actors").glob("*.yaml")):
            before = path.read_text("utf-8")
            page = Page(before, path.name)
            for number, fact in enumerate(page.facts):
                if fact["kind"] == "phone" and fact["as_of"] != "2026-11-22":
                    one = Page(before, path.name)
                    one.put(number, "as_of", "2026-11-22")
                    assert sum(a != b for a, b in zip(before.split("\n"), one.written().split("\n"), strict=True)) == 1


def test_what_is_not_fresh_is_listed_once_with_its_line(packs: Path) -> None:
    examined = examine([packs], thorough=False)

    found = due(examined, sorted(examined.german), TODAY)
    amt = [one for one in found if one.actor == "amt"]

    lines = ACTOR.splitlines()
    starts = [number for number, line in enumerate(lines, 1) if line.startswith("  - kind:")]
    assert [one.place for one in amt] == [f"dortmund/actors/amt.yaml:{starts[index]}" for index in (1, 0, 2, 3)]
    assert [one.state for one in amt] == [State.NEVER, *(State.OVERDUE,) * 3]
    assert len({(one.place, one.fact.value) for one in found}) == len(found)
    assert {"dortmund", "herne"} <= set(next(one for one in found if one.place.startswith("common/")).regions)


def test_the_command_writes_what_it_says_and_says_what_it_would_write(city: Home, packs: Path) -> None:
    folder = shutil.copytree(packs / "dortmund", city.folder / "stadt")
    (folder / "pack.yaml").write_text((folder / "pack.yaml").read_text("utf-8").replace("Dortmund", "Stadt"), "utf-8")
    path = folder / "actors" / "amt.yaml"
    told = ("confirm", "amt", "--region", "stadt", "--phone", "0231 5010019", "--source", "Anruf")

    dry = city.invoke(*told, "--dry-run", SCHULLOTSE_PACKS=str(folder))
    untouched = path.read_text("utf-8")
    done = city.invoke(*told, SCHULLOTSE_PACKS=str(folder))
    listed = city.invoke("due", "--region", "stadt", "--json", SCHULLOTSE_PACKS=str(folder))
    wrong = city.invoke("confirm", "amd", "--region", "stadt", SCHULLOTSE_PACKS=str(folder))
    ahead = city.invoke(*told, "--as-of", "2099", SCHULLOTSE_PACKS=str(folder))

    assert (dry.exit_code, done.exit_code, listed.exit_code) == (0, 0, 0), (dry.stderr, done.stderr, listed.stderr)
    assert untouched == ACTOR
    assert dry.stdout == done.stdout
    assert "'0231 5010017' → '0231 5010019'" in done.stdout
    assert '"0231 5010019"' in path.read_text("utf-8")
    assert not list(path.parent.glob(".*"))
    assert "0231 5010019" not in listed.stdout
    assert {row["state"] for row in json.loads(listed.stdout)} <= {"never", "overdue", "due"}
    assert (wrong.exit_code, ahead.exit_code) == (2, 2)
    assert "did you mean 'amt'?" in wrong.stderr
    assert "lies ahead" in ahead.stderr
