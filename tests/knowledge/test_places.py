"""Schools, parts of town and dates as files of a pack: read, checked, found."""

import shutil
from datetime import date, datetime
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from knowledge import rows as table
from knowledge import schools
from knowledge.base import Knowledge
from knowledge.cache import digest
from knowledge.dates import Date, for_audience, parse
from knowledge.folders import SHIPPED
from knowledge.load import examine
from knowledge.model import Audience
from knowledge.schools import COLUMNS, School
from tests.conftest import TOWN

BERLIN = ZoneInfo("Europe/Berlin")
CELL = st.text(st.characters(codec="utf-8", exclude_categories=["Cc", "Cs"]), max_size=12).map(str.strip)


@pytest.fixture
def pack(tmp_path: Path) -> Path:
    return Path(shutil.copytree(TOWN, tmp_path / "beispielstadt"))


def problems(pack: Path) -> list[str]:
    return [str(problem) for problem in examine([SHIPPED, pack], thorough=False).errors]


def test_the_invented_town_has_no_problem(pack: Path) -> None:
    assert problems(pack) == []


@given(st.lists(st.fixed_dictionaries(dict.fromkeys(COLUMNS, CELL)), max_size=5))
def test_what_is_written_is_read_again(rows: list[dict[str, str]]) -> None:
    rows = [{**row, "id": str(number)} for number, row in enumerate(rows)]
    document, found = table.parse(table.written(rows), "schools.csv")

    assert found == []
    assert document is not None
    assert document.tree == [{key: cell for key, cell in row.items() if cell} for row in rows]
    assert table.written(rows) == table.written(reversed(rows))


@pytest.mark.parametrize(
    ("old", "new", "said"),
    [
        ("900002;", "900001;", "schools.csv:3: has the id '900001' twice"),
        ("900002;", "90 00;", "schools.csv:3: '90 00' is not an id; use the official number"),
        (";gymnasium-bk;", ";gymnasium;", "schools.csv:4: form is 'gymnasium', but must be empty or one of"),
        (";bei-bezirk;", ";bei-bezrik;", "did you mean 'bei-bezirk'?"),
        (";bei-bezirk;", ";koordination;", "authority is 'koordination', but must be one of bei-bezirk, bei-schulamt"),
        (";00013;", ";13;", "schools.csv:6: postcode '13' has not five digits"),
        ("030 23125110", "23125110", "phone '23125110' is not a phone; write it like"),
        (";2026-08;erfunden für Tests;2026-08\n900002", ";;erfunden für Tests;2026-08\n900002", "contact_as_of is ''"),
        (
            "erfunden für Tests;unknown\n900005",
            ";unknown\n900005",
            "schools.csv:5: has no source; say where it was read",
        ),
        ("id;name;", "id;schulname;", "schools.csv:1: has the unknown column 'schulname'; columns are id, name"),
        ("source;as_of\n", "source;as_of;as_of\n", "schools.csv:1: has a column twice"),
        ("900006;", '900006;"', "schools.csv:1: cannot be read as CSV"),
        ("900006;", "900006;x;x;x;", "schools.csv:7: has 3 cells more than the first line"),
    ],
)
def test_a_mistake_in_a_row_is_named_with_its_line(pack: Path, old: str, new: str, said: str) -> None:
    file = pack / "schools.csv"
    text = file.read_text("utf-8")
    assert old in text
    file.write_text(text.replace(old, new, 1), "utf-8")

    assert any(said in problem for problem in problems(pack)), problems(pack)


@pytest.mark.parametrize(
    ("file", "old", "new", "said"),
    [
        ("districts.yaml", '"00013"', '"0013"', "districts.yaml:18: postcode '0013' has not five digits"),
        ("districts.yaml", "bei-jugendamt:", "bei-jugendampt:", "names the unknown actor 'bei-jugendampt'"),
        ("districts.yaml", "kind: phone, ", "kind: phon, ", "must be one of"),
        ("districts.yaml", '"030 23125006"', '"23125006"', "is not a phone"),
        ("districts.yaml", "id: am-hafen", "id: weiss-nicht", "'weiss-nicht' cannot be an id here"),
        ("actors/bei-familien-nord.yaml", "nordviertel", "nordvirtel", "did you mean 'nordviertel'?"),
        ("dates.yaml", "2026-11-05T14:00", "5.11.2026", "'5.11.2026' is not a day; write it like 2027-01-14"),
        ("dates.yaml", "2026-12-01", "2026-02-30", "'2026-02-30' is not a day"),
        ("dates.yaml", "  when: einmal im Halbjahr\n", "", "has neither 'days' nor 'when'"),
        ("dates.yaml", "actor: koordination", "actor: koordinatoin", "names the unknown actor 'koordinatoin'"),
        ("dates.yaml", "answers: [fallrunde]", "answers: [falrunde]", "names the unknown short answer 'falrunde'"),
        ("dates.yaml", "kind: deadline", "kind: frist", "must be one of meeting, deadline"),
    ],
)
def test_a_mistake_in_districts_and_dates_is_named(pack: Path, file: str, old: str, new: str, said: str) -> None:
    text = (pack / file).read_text("utf-8")
    assert old in text
    (pack / file).write_text(text.replace(old, new, 1), "utf-8")

    assert any(said in problem for problem in problems(pack)), problems(pack)


def test_a_referral_may_depend_on_a_part_of_town(pack: Path) -> None:
    file = pack / "referrals.yaml"
    text = file.read_text("utf-8")
    entry = '{actor: bei-jugendamt, why: "Ist in Ihrem Stadtteil zuständig.", when: {stadtteil: [%s]}}'
    before = '{actor: bei-jugendamt, why: "Ist in Ihrem Stadtteil zuständig."}'
    file.write_text(text.replace(before, entry % "am-hafen", 1), "utf-8")
    assert problems(pack) == []

    file.write_text(text.replace(before, entry % "am-haven", 1), "utf-8")
    assert any("did you mean 'am-hafen'?" in problem for problem in problems(pack))


def test_a_changed_school_makes_another_version(pack: Path) -> None:
    before = digest([pack])
    file = pack / "schools.csv"
    file.write_text(file.read_text("utf-8").replace("030 23125110", "030 23125111"), "utf-8")

    assert digest([pack]) != before


def test_schools_of_one_name_are_told_apart_by_their_place() -> None:
    same = [School(id=str(n), name="Waldschule", city=city, source="x", as_of="unknown") for n, city in enumerate("AB")]
    cities = [School(id=f"c{n}", name="Waldschule", city=city, source="x", as_of="unknown") for n, city in
              enumerate(("Neustadt", "Altdorf"))]  # fmt: skip
    names = schools.index({school.id: school for school in (*same, *cities)})

    assert names.find("waldschule altdorf", 1)[0][0] == "c1"
    assert len(names.find("waldschule", 4)) == 4


def test_places_are_known_only_where_a_pack_has_them(town: Knowledge) -> None:
    assert set(town.places) == {("beispielstadt", "schule"), ("beispielstadt", "stadtteil")}
    assert town.pack("beispielstadt", "tr").schools == town.pack("beispielstadt", "de").schools


def at(text: str) -> datetime:
    return datetime.fromisoformat(text).replace(tzinfo=BERLIN)


def meeting(*days: str, when: str = "") -> Date:
    who = (Audience.TEACHER,)
    return Date(id="x", title="X", audiences=who, actor="y", source=("z",), as_of="unknown", days=days, when=when)


def test_what_is_over_disappears_and_today_stays_until_midnight() -> None:
    one = meeting("2027-01-14T14:00", "2026-12-01")

    assert one.coming(at("2026-12-01T23:59")) == (date(2026, 12, 1), datetime(2027, 1, 14, 14))  # noqa: DTZ001
    assert one.coming(at("2026-12-02T00:00")) == (datetime(2027, 1, 14, 14),)  # noqa: DTZ001
    assert one.current(at("2027-01-14T18:00"))
    assert not one.current(at("2027-01-15T00:00"))


def test_what_is_only_repeated_stays_and_stands_behind_what_has_a_day() -> None:
    repeated, dated = meeting(when="viermal im Jahr"), meeting("2027-01-14")

    assert for_audience([repeated, dated], Audience.TEACHER, at("2027-01-01T10:00")) == [dated, repeated]
    assert for_audience([repeated, dated], Audience.TEACHER, at("2027-02-01T10:00")) == [repeated]
    assert for_audience([repeated, dated], Audience.PARENT, at("2027-01-01T10:00")) == []
    assert for_audience([repeated, dated], None, at("2027-01-01T10:00")) == [dated, repeated]


@given(st.text(max_size=20).filter(lambda text: text[:1] not in "0123456789"))
def test_no_text_but_a_day_is_a_day(text: str) -> None:
    with pytest.raises(ValueError, match="is not a day; write it like"):
        parse(text)


def test_no_shipped_date_names_a_day_that_no_source_names(knowledge: Knowledge) -> None:
    """The documents on file name how often, and no coming day; whoever enters one changes this."""
    for region in knowledge.regions:
        for one in knowledge.pack(region, "de").dates.values():
            assert one.days == ()
            assert one.when
