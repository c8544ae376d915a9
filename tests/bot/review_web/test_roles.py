"""Who gets where: every page, for every role, in every city."""

import re

import pytest

from bot.store.accounts import Role
from tests.bot.review_web.desk import ROOT, House
from tests.bot.review_web.visitor import FORM, HIDDEN, Visitor

NEEDS = {
    "": Role.VIEWER,
    "anliegen": Role.VIEWER,
    "stellen": Role.VIEWER,
    "leitfragen": Role.VIEWER,
    "wirkung": Role.VIEWER,
    "luecken": Role.VIEWER,
    "aktualitaet": Role.VIEWER,
    "daten": Role.VIEWER,
    "bericht": Role.VIEWER,
    "korrekturen": Role.EDITOR,
    "zugaenge": Role.ADMIN,
    "protokoll": Role.ADMIN,
}
FORMS = ("zugaenge/einladen", "zugaenge/rolle", "zugaenge/entziehen")
FILES = {"dortmund": "daten/2026-10.csv", "anderswo": "daten/2026-Q3.csv"}
LINK = re.compile(rf'href="({ROOT}/[^"#]*)"')


@pytest.mark.parametrize("home", ["dortmund", "anderswo"])
@pytest.mark.parametrize("role", list(Role))
async def test_everybody_sees_what_the_role_allows_in_the_own_city_and_nothing_else(
    furnished: House, role: Role, home: str
) -> None:
    visitor = Visitor(furnished.app())
    await visitor.login(f"{role}@{home}.example")
    for region in ("dortmund", "anderswo", "nirgendwo"):
        for page, needs in (NEEDS | {FILES.get(region, "daten/2026.csv"): Role.VIEWER}).items():
            allowed = region == home and role.includes(needs)
            answer = await visitor.get(f"{region}/{page}")

            assert answer.status_code == (200 if allowed else 403), (role, home, region, page)
        for form in FORMS:
            assert (await visitor.post(f"{region}/{form}")).status_code == 403


async def test_without_a_login_every_page_leads_to_the_door(furnished: House) -> None:
    visitor = Visitor(furnished.app())
    for page in ("", "konto", *(f"dortmund/{page}" for page in NEEDS), "dortmund/daten/2026-10.csv"):
        answer = await visitor.get(page)

        assert (answer.status_code, answer.headers["location"]) == (303, f"{ROOT}/anmelden"), page
    for form in ("abmelden", "konto/loeschen", *(f"dortmund/{form}" for form in FORMS)):
        assert (await visitor.post(form)).headers["location"] == f"{ROOT}/anmelden"


@pytest.mark.parametrize("role", list(Role))
async def test_no_link_leads_to_a_closed_door(furnished: House, role: Role) -> None:
    visitor = Visitor(furnished.app())
    await visitor.login(f"{role}@dortmund.example")
    seen, waiting = set(), [f"{ROOT}/dortmund/"]
    while waiting:
        path = waiting.pop()
        if path in seen:
            continue
        seen.add(path)
        answer = await visitor.client.get(path, follow_redirects=True)
        assert answer.status_code == 200, path
        waiting += LINK.findall(answer.text) if "text/html" in answer.headers["content-type"] else []

    assert len(seen) > 20


async def test_an_administrator_cannot_reach_into_another_city(house: House) -> None:
    house.person("chef@dortmund.example", {"dortmund": Role.ADMIN})
    other = house.person("leitung@anderswo.example", {"anderswo": Role.ADMIN})
    house.person("zweite@anderswo.example", {"anderswo": Role.ADMIN})
    visitor = Visitor(house.app())
    await visitor.login("chef@dortmund.example")
    await visitor.submit("dortmund/zugaenge", "dortmund/zugaenge/entziehen", account=other.id)
    await visitor.submit("dortmund/zugaenge", "dortmund/zugaenge/rolle", account=other.id, role="viewer")

    assert house.accounts.by_id(other.id) == other


async def test_inviting_somebody_who_waits_in_another_city_hands_out_no_link_to_that_city(house: House) -> None:
    house.person("chef@dortmund.example", {"dortmund": Role.ADMIN})
    house.accounts.grant("neu@anderswo.example", "anderswo", Role.ADMIN)
    visitor = Visitor(house.app())
    await visitor.login("chef@dortmund.example")
    answer = await visitor.submit(
        "dortmund/zugaenge", "dortmund/zugaenge/einladen", email="neu@anderswo.example", role="viewer"
    )

    assert answer.status_code == 200
    assert "hat jetzt Zugang" in answer.text
    assert "/einladung/" not in answer.text


@pytest.mark.parametrize("action", ["entziehen", "rolle"])
async def test_the_last_administrator_stays(house: House, action: str) -> None:
    chef = house.person("chef@dortmund.example", {"dortmund": Role.ADMIN})
    visitor = Visitor(house.app())
    await visitor.login("chef@dortmund.example")
    path = f"dortmund/zugaenge/{action}"
    answer = await visitor.submit("dortmund/zugaenge", path, account=chef.id, role="viewer")

    assert answer.status_code == 422
    assert "letzte Zugang" in answer.text
    assert house.accounts.by_id(chef.id) == chef


async def test_a_role_that_was_taken_away_is_gone_at_once(house: House) -> None:
    lesen = house.person("lesen@dortmund.example", {"dortmund": Role.VIEWER})
    visitor = Visitor(house.app())
    await visitor.login("lesen@dortmund.example")
    assert (await visitor.get("dortmund/")).status_code == 200
    house.accounts.revoke(lesen.id, "dortmund")

    assert (await visitor.get("dortmund/")).status_code == 303


async def test_a_form_of_every_page_carries_its_own_proof(furnished: House) -> None:
    visitor = Visitor(furnished.app())
    await visitor.login("admin@dortmund.example")
    tokens = []
    for page in ("konto", "dortmund/zugaenge", "dortmund/"):
        forms = FORM.finditer((await visitor.get(page)).text)
        tokens += [(form["action"], dict(HIDDEN.findall(form["inside"]))["token"]) for form in forms]

    assert len({token for _, token in tokens}) == len({action for action, _ in tokens}) > 5
