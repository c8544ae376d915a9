"""The gap map, freshness, places, charts and corrections as plain functions."""

from dataclasses import replace
from html.parser import HTMLParser
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.review import charts, gaps
from bot.review.charts import Point
from bot.review.corrections import corrections, mailto
from bot.review.gaps import Answer, Demand, Gap, Kind
from bot.review.number import How, Number
from bot.review.places import Places
from bot.review.release import Cell, Release, Row, Table
from bot.review.release import Kind as CellKind
from knowledge.folders import SHIPPED
from knowledge.model import Audience, Fact, Pack
from tests.bot.review_web.desk import NOW

TODAY = NOW.date()
ASKED = Number(41, How.EXACT)


def without(pack: Pack, concern: str, audience: Audience) -> Pack:
    """*pack* naming nobody there."""
    lists = {**pack.referrals[concern], audience: ()}
    return replace(pack, referrals={**pack.referrals, concern: lists})


def with_facts(pack: Pack, actor: str, *facts: Fact) -> Pack:
    return replace(pack, actors={**pack.actors, actor: replace(pack.actors[actor], facts=facts)})


def fact(kind: str, value: str = "x", **more: object) -> Fact:
    return Fact(kind=kind, value=value, source=("Stadt",), as_of="2026-11", **more)  # type: ignore[arg-type]


@pytest.mark.parametrize("audience", gaps.ASKS)
def test_nobody_named_where_people_asked_comes_first(pack: Pack, audience: Audience) -> None:
    demand = Demand(cells={("schulangst", audience.value): ASKED})
    found = gaps.gaps(without(pack, "schulangst", audience), demand, TODAY)

    assert found[0] == Gap(Kind.NOBODY, ASKED, "schulangst", audience.value)
    assert Kind.NOBODY not in {gap.kind for gap in gaps.gaps(pack, demand, TODAY)}


def test_nobody_left_for_some_pupils_names_the_answer(pack: Pack) -> None:
    only = pack.referrals["schulangst"][Audience.PARENT][0]
    lists = {**pack.referrals["schulangst"], Audience.PARENT: (replace(only, actor="kub"),)}
    changed = replace(pack, referrals={**pack.referrals, "schulangst": lists})
    found = [gap for gap in gaps.gaps(changed, Demand(), TODAY) if gap.concern == "schulangst"]

    assert Gap(Kind.NOBODY_FOR, None, "schulangst", "parent", detail=("stufe/bis-6",)) in found


def test_an_office_that_was_asked_for_and_cannot_be_reached_is_a_gap(pack: Pack) -> None:
    demand = Demand(actors={"kub": ASKED})
    kinds = lambda facts: [gap.kind for gap in gaps.gaps(with_facts(pack, "kub", *facts), demand, TODAY) if gap.n]  # noqa: E731

    assert kinds([]) == [Kind.NO_CONTACT, Kind.NO_HOURS]
    assert kinds([fact("email"), fact("hours")]) == [Kind.NO_PHONE]
    assert kinds([fact("phone"), fact("hours")]) == []
    assert kinds([replace(fact("phone"), as_of="2024"), fact("hours")]) == [Kind.OLD]
    assert kinds([replace(fact("phone"), internal=True), fact("hours")]) == [Kind.NO_CONTACT]


def test_an_office_nobody_was_sent_to_is_no_gap(pack: Pack) -> None:
    assert {gap.actor for gap in gaps.gaps(pack, Demand(), TODAY)} == {""}


def test_times_without_anybody_are_named(pack: Pack) -> None:
    hours = fact("hours", opens=("Mo-Do 09:00-17:00", "Fr 09:00-13:00"))
    changed = with_facts(pack, "schulpsychologie", hours)
    found = [gap for gap in gaps.gaps(changed, Demand(concerns={"schulangst": ASKED}), TODAY) if gap.n]

    assert found == [Gap(Kind.CLOSED, ASKED, "schulangst", detail=("4-15",))]


def test_a_spot_says_how_many_can_be_reached(pack: Pack) -> None:
    demand = Demand(cells={("schulangst", "parent"): ASKED})
    teacher, parent, student = gaps.spots(pack, "schulangst", demand)
    lists = pack.referrals["schulangst"]

    assert parent.n == ASKED
    assert (teacher.n, student.n) == (None, None)
    assert parent.named == len(lists[Audience.PARENT])
    nobody = gaps.spots(without(pack, "schulangst", Audience.PARENT), "schulangst", demand)[1]
    assert (nobody.answer, nobody.named) == (Answer.NOBODY, 0)


def test_the_line_of_a_statement_is_where_it_stands(pack: Pack) -> None:
    phone = pack.actors["kub"].of_kind("phone")[0]
    file, _, line = Places([SHIPPED]).of_fact(pack, "kub", phone).rpartition(":")
    lines = (SHIPPED / file).read_text("utf-8").splitlines()

    assert "kind: phone" in lines[int(line) - 1]
    assert phone.value in "".join(lines[int(line) : int(line) + 3])


def test_a_statement_that_is_not_in_the_file_any_more_leads_to_the_file(pack: Pack, tmp_path: Path) -> None:
    other = fact("phone", "0231 000")

    assert Places([SHIPPED]).of_fact(pack, "kub", other) == pack.origin["actor/kub"]
    assert Places([tmp_path]).of_fact(pack, "kub", other) == pack.origin["actor/kub"]


def reported(*rows: tuple[str, dict[str, int]]) -> Release:
    columns = tuple(sorted({kind for _, cells in rows for kind in cells}))
    made = tuple(
        Row(actor, tuple(Cell(CellKind.ROUNDED, cells.get(kind, 0)) for kind in columns)) for actor, cells in rows
    )
    return Release("dortmund", "2026-10", 1, ("2026-W40",), (Table("facts", columns, made),))


def test_corrections_come_with_the_command_to_run(pack: Pack) -> None:
    found = corrections(reported(("kub", {"phone": 20, "other": 5}), ("weg", {"phone": 10})), pack)

    assert [(one.actor.id, one.kind, one.n.n) for one in found] == [("kub", "phone", 20), ("kub", "other", 5)]
    assert [one.command for one in found] == ["schullotse confirm kub --phone …", "schullotse confirm kub"]
    assert found[0].facts == pack.actors["kub"].of_kind("phone")
    assert found[1].facts == pack.actors["kub"].facts


@given(subject=st.text(), body=st.text())
def test_a_mail_link_holds_nothing_but_its_text(subject: str, body: str) -> None:
    link = mailto("a@b.de", subject.encode("utf-8", "replace").decode(), body.encode("utf-8", "replace").decode())

    assert not set(link) & set(" \"'<>\r\n")
    assert link.count("&") == 1


points = st.lists(
    st.builds(Point, st.text(max_size=60), st.integers(0, 10**6), st.text(max_size=12)), min_size=1, max_size=40
)


class Shape(HTMLParser):
    def __init__(self) -> None:
        super().__init__()
        self.tags: list[str] = []
        self.lengths: list[float] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append(tag)
        values = dict(attrs)
        if tag == "rect":
            self.lengths.append(float((values["width"] or "").removesuffix("%")))


@given(points)
def test_bars_are_as_long_as_their_numbers_and_hold_only_shapes(given_points: list[Point]) -> None:
    shape = Shape()
    shape.feed(charts.bars("x", "Titel", "<script>", given_points))
    most = max(point.n for point in given_points) or 1

    assert set(shape.tags) <= {"svg", "title", "desc", "text", "rect"}
    assert shape.lengths == [round(point.n / most * charts.WIDEST, 2) for point in given_points]


@given(points)
def test_a_line_has_a_dot_for_every_number(given_points: list[Point]) -> None:
    shape = Shape()
    shape.feed(charts.line("x", "Titel", "Satz", given_points))

    assert shape.tags.count("circle") == len(given_points)
    assert set(shape.tags) <= {"svg", "title", "desc", "text", "line", "circle"}
