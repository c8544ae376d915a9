"""What the pages show: released numbers and nothing else, safely, from the cache, and honest about examples."""

import hashlib
import json
import re
from dataclasses import replace
from html import unescape
from html.parser import HTMLParser
from types import MappingProxyType

import pytest

from bot.review import figures
from bot.review.release import Release
from bot.store.accounts import Role
from bot.store.database import engine
from knowledge.model import Pack, Question
from tests.bot.review_web.desk import PERIODS, ROOT, House, release
from tests.bot.review_web.visitor import Visitor

PERIODS_AND_YEAR = (*PERIODS, "2025")
FIGURES = ("", "anliegen", "stellen", "leitfragen", "wirkung", "bericht")
VALUE = re.compile(r'<text class="value"[^>]*>([^<]*)</text>')
CELL = re.compile(r"<td[^>]*>(.*?)</td>", re.DOTALL)
SCRIPTS = (
    "<script>alert(1)</script>",
    '"><img src=x onerror=alert(1)>',
    "'><svg onload=alert(1)>",
    "</title></svg><script>alert(1)</script>",
    "{{ 7 * 7 }}{% raw %}",
    "javascript:alert(1)",
)


async def reader(house: House, role: Role = Role.ADMIN, region: str = "dortmund") -> Visitor:
    visitor = Visitor(house.app())
    await visitor.login(f"{role}@{region}.example")
    return visitor


def numbers(text: str) -> set[int]:
    """The whole numbers in *text*; 1.234 is one, and "1 bis 7" is how a rounded 5 is written."""
    plain = unescape(re.sub(r"<[^>]+>", " ", text)).replace("1 bis 7", " 5 ")
    return {int(found.replace(".", "")) for found in re.findall(r"\d+(?:\.\d{3})*", plain)}


def published(releases: list[Release]) -> set[int]:
    """Every released number, and every sum of a row, a column or a whole table of released numbers."""
    found: set[int] = set()
    for one in releases:
        cells = [cell for table in one.tables for row in table.rows for cell in row.cells]
        found |= {cell.value for cell in cells if cell.value is not None}
        sums = [line.total for table in one.tables for line in figures.lines(one, table.id)]
        sums += [*figures.columns(one).values(), figures.requests(one)]
        found |= {number.n for number in sums if number}
    return found


@pytest.mark.parametrize("period", ["2026-10", "2026-Q1", "2025"])
@pytest.mark.parametrize("page", FIGURES)
async def test_every_number_on_a_page_is_a_released_one(furnished: House, page: str, period: str) -> None:
    visitor = await reader(furnished)
    releases = [release(furnished.packs["dortmund"], one, seed=seed) for seed, one in enumerate(PERIODS_AND_YEAR)]
    html = (await visitor.get(f"dortmund/{page}?zeitraum={period}")).text
    html = html.split('id="luecken-h"')[0].split('id="karte-h"')[0]  # the gap map counts offices, too
    named = re.compile("|".join(re.escape(label) for label in labels(furnished.packs["dortmund"])))
    shown = set()
    for text in [*VALUE.findall(html), *CELL.findall(html)]:
        shown |= numbers(named.sub("", unescape(text)))

    assert shown or period == "2025"  # a year has fewer tables
    assert shown <= published(releases) | {n for _, n in furnished.weeks}
    assert not shown & {1, 2, 3, 4}


def labels(pack: Pack) -> list[str]:
    flows = [flow.title.sie for flow in pack.flows.values()]
    flows += [
        node.text.sie for flow in pack.flows.values() for node in flow.nodes.values() if isinstance(node, Question)
    ]
    return sorted([*flows, *(concern.label for concern in pack.concerns.values())], key=len, reverse=True)


async def test_the_gap_map_shows_released_numbers_only(furnished: House) -> None:
    visitor = await reader(furnished)
    html = (await visitor.get("dortmund/luecken?zeitraum=2026-10")).text
    shown = set().union(*(numbers(text) for text in re.findall(r'<p class="demand">(.*?)</p>', html)))
    shown |= set().union(*(numbers(text) for text in re.findall(r"<strong>(.*?)</strong>", html)))
    made = release(furnished.packs["dortmund"], "2026-10", seed=PERIODS_AND_YEAR.index("2026-10"))

    assert len(shown) > 5
    assert shown <= published([made])


async def test_a_number_of_another_city_is_not_shown(furnished: House) -> None:
    dortmund, other = await reader(furnished), await reader(furnished, region="anderswo")

    assert "Beispieldaten" in (await other.get("anderswo/")).text
    assert "Beispieldaten" not in (await dortmund.get("dortmund/")).text
    assert (await other.get("anderswo/?zeitraum=2026-10")).status_code == 404


@pytest.mark.parametrize("page", ["", "anliegen", "luecken", "korrekturen", "bericht", "stellen"])
async def test_example_data_say_so_on_every_page_with_numbers(furnished: House, page: str) -> None:
    visitor = await reader(furnished, region="anderswo")

    assert "<strong>Beispieldaten.</strong>" in (await visitor.get(f"anderswo/{page}")).text


@pytest.mark.parametrize("page", [*FIGURES, "luecken", "korrekturen", "aktualitaet", "daten"])
async def test_without_a_release_a_page_says_so(house: House, page: str) -> None:
    house.person("admin@dortmund.example", {"dortmund": Role.ADMIN})
    visitor = await reader(house)
    answer = await visitor.get(f"dortmund/{page}")

    assert answer.status_code == 200
    assert page == "aktualitaet" or "noch kein Zeitraum veröffentlicht" in answer.text


async def test_a_new_release_is_shown_at_once_and_an_old_one_stays_the_same(house: House) -> None:
    house.person("admin@dortmund.example", {"dortmund": Role.ADMIN})
    pack = house.packs["dortmund"]
    house.publish(release(pack, "2026-Q2", seed=1))
    visitor = await reader(house)
    before = (await visitor.get("dortmund/anliegen")).text
    house.publish(release(pack, "2026-Q3", seed=2))

    assert "3. Quartal 2026" in (await visitor.get("dortmund/anliegen")).text
    again = (await visitor.get("dortmund/anliegen?zeitraum=2026-Q2")).text
    assert again.split("<section")[1] == before.split("<section")[1]


async def test_a_correction_replaces_its_first_version(house: House) -> None:
    house.person("admin@dortmund.example", {"dortmund": Role.ADMIN})
    pack = house.packs["dortmund"]
    house.publish(release(pack, "2026-Q2", seed=1), replace(release(pack, "2026-Q2", seed=9), version=2))
    html = (await (await reader(house)).get("dortmund/")).text

    assert "korrigierte Fassung 2" in html
    assert html.count("<option") == 1


async def test_a_part_of_a_quarter_says_which_part(house: House) -> None:
    house.person("admin@dortmund.example", {"dortmund": Role.ADMIN})
    whole = release(house.packs["dortmund"], "2026-Q3", seed=1)
    house.publish(replace(whole, weeks=whole.weeks[4:]))

    assert "3. Quartal 2026 (9 von 13 Wochen)" in (await (await reader(house)).get("dortmund/")).text


async def test_what_is_not_released_yet_shows_weeks_only(furnished: House) -> None:
    html = (await (await reader(furnished)).get("dortmund/")).text
    part = html[html.index('id="offen-h"') :]

    assert "KW 45" in part
    assert "rund 40" in part


@pytest.mark.parametrize("form", ["csv", "xlsx", "json", "html"])
async def test_a_download_has_the_same_bytes_every_time(furnished: House, form: str) -> None:
    found = set()
    for role in Role:
        answer = await (await reader(furnished, role)).get(f"dortmund/daten/2026-10.{form}")
        assert answer.status_code == 200
        assert answer.headers["content-disposition"] == f'attachment; filename="schullotse-dortmund-2026-10.{form}"'
        found.add(hashlib.sha256(answer.content).hexdigest())

    assert len(found) == 1


async def test_a_downloaded_json_is_the_release(furnished: House) -> None:
    answer = await (await reader(furnished)).get("dortmund/daten/2026-10.json")
    made = release(furnished.packs["dortmund"], "2026-10", seed=PERIODS_AND_YEAR.index("2026-10"))

    assert json.loads(answer.text)["releases"][0]["sha256"] == made.sha256


@pytest.mark.parametrize(
    "path", ["daten/2026-10.exe", "daten/1999.csv", "daten/2026-11.csv", "nichts", "?zeitraum=1999"]
)
async def test_what_does_not_exist_is_not_found(furnished: House, path: str) -> None:
    answer = await (await reader(furnished)).get(f"dortmund/{path}")

    assert answer.status_code == 404
    assert "Traceback" not in answer.text


class Tags(HTMLParser):
    """Everything a browser would take for markup."""

    def __init__(self) -> None:
        super().__init__()
        self.found: list[tuple[str, dict[str, str | None]]] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.found.append((tag, dict(attrs)))


def dangerous(html: str) -> list[tuple[str, dict[str, str | None]]]:
    """Elements that run something."""
    tags = Tags()
    tags.feed(html)
    return [
        (tag, attributes)
        for tag, attributes in tags.found
        if tag in {"script", "img", "iframe", "object"}
        or any(name.startswith("on") for name in attributes)
        or (attributes.get("href") or "").startswith("javascript")
    ]


def test_the_eye_for_danger_sees_it() -> None:
    assert all(dangerous(f"<p>{script}</p>") for script in SCRIPTS if "<" in script)


def poisoned(pack: Pack, script: str) -> Pack:
    """*pack* with *script* in every label that a page could show."""
    wording = lambda old: replace(old, sie=script, du=script)  # noqa: E731
    facts = lambda actor: tuple(replace(fact, value=script, label=script, as_of="2020") for fact in actor.facts)  # noqa: E731
    actors = {key: replace(one, name=script, short=script, facts=facts(one)) for key, one in pack.actors.items()}
    concerns = {key: replace(one, label=script) for key, one in pack.concerns.items()}
    flows = {key: replace(one, title=wording(one.title)) for key, one in pack.flows.items()}
    origin = MappingProxyType(dict.fromkeys(pack.origin, script))
    return replace(pack, name=script, actors=actors, concerns=concerns, flows=flows, origin=origin)


@pytest.mark.parametrize("script", SCRIPTS)
async def test_no_label_becomes_markup(house: House, script: str) -> None:
    house.packs = {"dortmund": poisoned(house.packs["dortmund"], script)}
    house.publish(release(house.packs["dortmund"], "2026-10", seed=1))
    house.person("admin@dortmund.example", {"dortmund": Role.ADMIN})
    visitor = await reader(house)
    for page in (*FIGURES, "luecken", "aktualitaet", "korrekturen", "daten", "zugaenge", "protokoll"):
        html = (await visitor.get(f"dortmund/{page}")).text

        assert not dangerous(html), page
        assert "49{" not in html, page


@pytest.mark.parametrize("script", SCRIPTS)
async def test_no_form_field_becomes_markup(house: House, script: str) -> None:
    house.person("admin@dortmund.example", {"dortmund": Role.ADMIN})
    visitor = await reader(house)
    answers = [
        await visitor.submit("anmelden", email=script, password=script, code=script),
        await visitor.submit("konto", "konto/passwort", current=script, password=script, again=script),
        await visitor.submit("dortmund/zugaenge", "dortmund/zugaenge/einladen", email=script, role="viewer"),
        await visitor.submit("dortmund/zugaenge", "dortmund/zugaenge/rolle", account=script, role=script),
        await visitor.client.get(f"{ROOT}/dortmund/", params={"zeitraum": script}),
        await visitor.client.get(f"{ROOT}/einladung/{script}"),
    ]
    for answer in answers:
        assert answer.status_code in {200, 307, 403, 404, 422}
        assert not dangerous(answer.text)


async def test_every_answer_has_the_strict_headers(furnished: House) -> None:
    visitor = await reader(furnished)
    for page in ("anmelden", "", "konto", "dortmund/", "dortmund/daten/2026-10.csv", "dortmund/nichts", "einladung/x"):
        headers = (await visitor.get(page)).headers
        policy = headers["content-security-policy"]

        assert "default-src 'self'; script-src 'none'" in policy
        assert "frame-ancestors 'none'" in policy
        assert headers["cache-control"] == "no-store"
        assert headers["x-content-type-options"] == "nosniff"


async def test_no_page_has_a_script_a_style_attribute_or_a_foreign_address(furnished: House) -> None:
    visitor = await reader(furnished)
    for page in (*FIGURES, "luecken", "aktualitaet", "korrekturen", "daten", "zugaenge", "protokoll"):
        html = (await visitor.get(f"dortmund/{page}")).text

        assert not re.search(r"<script|<style|\sstyle=|<iframe|<object|<img", html), page
        assert not re.search(r'(?:src|href|action)="(?!/koordination|#|mailto:)', html), page


async def test_the_pages_weigh_little(furnished: House) -> None:
    visitor = await reader(furnished)
    for page in (*FIGURES, "luecken", "korrekturen", "daten"):
        assert len((await visitor.get(f"dortmund/{page}")).content) < 60_000, page


async def test_a_correction_comes_with_place_command_and_message(furnished: House) -> None:
    html = unescape((await (await reader(furnished)).get("dortmund/korrekturen?zeitraum=2026-10")).text)
    line = int(re.search(r"dortmund/actors/kub\.yaml:(\d+)", html)[1])  # type: ignore[index]
    kub = next(fact for fact in furnished.packs["dortmund"].actors["kub"].facts if fact.kind == "phone")

    assert line > 10
    assert "schullotse confirm kub --phone …" in html
    assert f"- {kub.value} (Stand 12/2021)" in html
    assert "mailto:" in html


async def test_when_the_database_is_gone_the_page_says_so_without_details(house: House) -> None:
    house.person("admin@dortmund.example", {"dortmund": Role.ADMIN})
    visitor = await reader(house)
    other = engine(house.url)
    with other.begin() as connection:
        connection.exec_driver_sql("DROP TABLE release")
    other.dispose()
    answer = await visitor.get("dortmund/")

    assert answer.status_code == 503
    assert "release" not in answer.text
