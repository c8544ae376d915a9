"""`schullotse import schools` and `schullotse dates` as a city uses them."""

import shutil
from pathlib import Path

import pytest
from icalendar import Calendar

from bot.exchange import dates as dated
from knowledge import rows as table
from knowledge.base import Knowledge
from knowledge.schools import COLUMNS
from tests.conftest import TOWN
from tests.home import Home

DATA = Path(__file__).parents[2] / "data" / "schools"
OPEN = DATA / "offene-daten-nrw.csv"
WRONG = DATA / "fehler.csv"
ORIGIN = ("--source", "erfunden", "--as-of", "2026-11")


@pytest.fixture
def city(tmp_path: Path) -> Path:
    return Path(shutil.copytree(TOWN, tmp_path / "beispielstadt"))


def rows(city: Path) -> dict[str, dict[str, str]]:
    document, problems = table.parse((city / "schools.csv").read_text("utf-8"), "schools.csv")
    assert document is not None
    assert problems == []
    return {row["id"]: row for row in document.tree}  # type: ignore[misc, call-overload, index]


def test_the_open_data_of_nrw_is_taken_over_under_our_columns(home: Home, city: Path) -> None:
    result = home.invoke("import", "schools", str(OPEN), "--pack", str(city), "--city", "Beispielstadt", *ORIGIN)

    assert result.exit_code == 0, result.stderr
    assert "2 new, 0 changed, 0 as before, 6 only in the pack: 8 schools stand in" in result.stderr
    assert rows(city)["900101"] == {
        "id": "900101",
        "name": "Musterschule Beispielstadt (erfunden)",
        "aliases": "Musterschule",
        "form": "grundschule",
        "street": "Musterweg 1",
        "postcode": "00011",
        "city": "Beispielstadt",
        "phone": "030 23125130",
        "email": "900101@schule.example",
        "web": "https://muster.example",
        "source": "erfunden",
        "as_of": "2026-11",
    }
    assert "form '17' is none of ours and stays empty" in result.stderr
    assert "form" not in rows(city)["900102"]
    assert "900103" not in rows(city)


def test_without_a_source_nothing_is_taken_over(home: Home, city: Path) -> None:
    before = (city / "schools.csv").read_bytes()
    result = home.invoke("import", "schools", str(OPEN), "--pack", str(city))

    assert result.exit_code == 2
    assert f"{OPEN}:3: has no source; say where it was read" in result.stderr
    assert (city / "schools.csv").read_bytes() == before


def test_every_mistake_is_named_and_one_stops_all(home: Home, city: Path) -> None:
    before = (city / "schools.csv").read_bytes()
    result = home.invoke("import", "schools", str(WRONG), "--pack", str(city))

    assert result.exit_code == 2
    for said in (
        f"{WRONG}:3: authority is 'bei-bezrik', but must be one of bei-bezirk, bei-schulamt; did you mean",
        f"{WRONG}:4: postcode '11' has not five digits",
        f"{WRONG}:4: phone '23125142' is not a phone; write it like 0231 5010017, 116 111 or 112",
        f"{WRONG}:4: email 'keine Mail' is not a email; write it like stelle@stadt.de",
        f"{WRONG}:4: has no contact_source; say where it was read (social_work_phone)",
        f"{WRONG}:4: as_of is 'November'; write YYYY, YYYY-MM, YYYY-MM-DD or unknown",
        f"{WRONG}:5: '900201' stands in line 2 already; every school has its own id",
        "nothing was written. --partial takes the rows without a mistake",
    ):
        assert said in result.stderr
    assert (city / "schools.csv").read_bytes() == before


def test_partial_takes_the_rest_and_no_name_of_a_person(home: Home, city: Path) -> None:
    result = home.invoke("import", "schools", str(WRONG), "--pack", str(city), "--partial")

    assert result.exit_code == 0, result.stderr
    assert "column 'schulleitung' is left out: names of persons are not taken over" in result.stderr
    assert set(rows(city)) == {*rows(TOWN), "900201"}
    assert rows(city)["900201"]["form"] == "grundschule"
    assert "Erfundener Name" not in (city / "schools.csv").read_text("utf-8")


def test_a_dry_run_writes_nothing(home: Home, city: Path) -> None:
    before = (city / "schools.csv").read_bytes()
    result = home.invoke("import", "schools", str(OPEN), "--pack", str(city), "--dry-run", *ORIGIN)

    assert result.exit_code == 0
    assert "3 new" in result.stderr
    assert "would stand in" in result.stderr
    assert (city / "schools.csv").read_bytes() == before


def test_a_second_import_keeps_what_the_city_added_and_replaces_the_old_contact(home: Home, city: Path) -> None:
    command = ("import", "schools", "table.csv", "--pack", str(city))
    row = "900004;Förderschule Alte Ziegelei (erfunden);030 23125199;erfunden, neu;2026-12"
    (home.folder / "table.csv").write_text(f"id;name;phone;source;as_of\n{row}\n", "utf-8")
    assert home.invoke(*command).exit_code == 0
    first = (city / "schools.csv").read_bytes()

    again = home.invoke(*command)

    assert "0 new, 0 changed, 1 as before, 5 only in the pack" in again.stderr
    assert (city / "schools.csv").read_bytes() == first
    assert rows(city)["900004"]["authority"] == "bei-bezirk"
    assert "city" not in rows(city)["900004"]


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("id;nane\n1;x\n", "has the unknown column 'nane'; did you mean 'name'?"),
        ("name;source\nx;y\n", "lacks the column 'id'; schullotse import schools --template prints them all"),
        ("id;name\n", "holds no school"),
        ("", "lacks the column 'id'"),
        ('id;name\n1;"x\n', "cannot be read as CSV"),
    ],
)
def test_a_table_that_is_none_is_refused_in_a_sentence(home: Home, city: Path, text: str, said: str) -> None:
    (home.folder / "table.csv").write_text(text, "utf-8")
    result = home.invoke("import", "schools", "table.csv", "--pack", str(city), *ORIGIN)

    assert result.exit_code == 2
    assert said in result.stderr


def test_the_template_names_every_column(home: Home) -> None:
    assert home.invoke("import", "schools", "--template").stdout == ";".join(COLUMNS) + "\n"


def test_a_folder_that_is_no_pack_is_named(home: Home) -> None:
    result = home.invoke("import", "schools", str(OPEN), "--pack", str(home.folder))

    assert result.exit_code == 2
    assert "is not a pack; name a folder that holds pack.yaml" in result.stderr


def test_the_calendar_has_one_event_a_day_with_stable_ids_and_no_clock(town: Knowledge) -> None:
    pack = town.pack("beispielstadt", "de")
    first = dated.calendar(pack)
    events = Calendar.from_ical(first).walk("VEVENT")

    assert first == dated.calendar(pack)
    assert len({str(event["UID"]) for event in events}) == len(events) == 5
    begins = [event["DTSTART"].dt.isoformat() for event in events if "Fallrunde" in event["SUMMARY"]]
    assert begins == ["2026-11-05T13:00:00+00:00", "2027-01-14T13:00:00+00:00", "2027-03-11T13:00:00+00:00"]


def test_the_dates_of_a_city_are_told_as_text(home: Home) -> None:
    result = home.invoke("dates", "--region", "dessau-rosslau")

    assert result.exit_code == 0
    assert result.stdout.startswith("plus-antragsfrist: Antrag auf Geld aus PLUS+ – feste Antragsfristen")


def test_a_city_without_dates_says_so(home: Home) -> None:
    assert home.invoke("dates", "--region", "herne").stdout == "Herne: no dates.yaml\n"
