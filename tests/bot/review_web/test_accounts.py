"""Accounts from the command line and on the pages, and what the audit log remembers of it."""

import re
from datetime import date, timedelta

import pytest

from bot.store.accounts import Action, Role
from tests.bot.review_web.desk import NOW, House
from tests.bot.review_web.visitor import Visitor
from tests.home import Home

LINK = re.compile(r"^http://127\.0\.0\.1:8080/koordination/einladung/[\w-]{43}$")
EMAIL = "lesen@dortmund.example"


def test_an_added_person_gets_a_link(home: Home) -> None:
    done = home.invoke("coordinator", "add", "Lesen@Dortmund.example", "--region", "dortmund")

    assert LINK.match(done.stdout.strip())
    assert home.invoke("coordinator", "list").stdout == f"{EMAIL}  dortmund: viewer  (invited)\n"


def test_the_link_stands_below_the_public_address(home: Home) -> None:
    variables = {"SCHULLOTSE_WEB__URL": "https://schullotse.example.org"}
    done = home.invoke("coordinator", "add", EMAIL, "--region", "dortmund", "--role", "admin", **variables)

    assert done.stdout.startswith("https://schullotse.example.org/koordination/einladung/")


@pytest.mark.parametrize(
    ("arguments", "told"),
    [
        (["add", "kein-at", "--region", "dortmund"], "'kein-at' is not an e-mail address"),
        (["add", EMAIL], "name the city with --region"),
        (
            ["add", EMAIL, "--region", "dortmunt"],
            "--region or SCHULLOTSE_REGION is 'dortmunt', but must be one of: dortmund",
        ),
        (["remove", EMAIL], "there is no account"),
        (["reset", EMAIL], "there is no account"),
    ],
)
def test_mistakes_are_said_in_a_sentence(home: Home, arguments: list[str], told: str) -> None:
    done = home.invoke("coordinator", *arguments)

    assert done.exit_code == 2
    assert told in done.stderr


def test_a_removed_person_is_gone(home: Home) -> None:
    home.invoke("coordinator", "add", EMAIL, "--region", "dortmund")
    home.invoke("coordinator", "remove", EMAIL)

    assert home.invoke("coordinator", "list").stdout == ""


def test_a_reset_ends_everything_and_gives_a_new_link(home: Home, house: House) -> None:
    before = house.person(EMAIL, {"dortmund": Role.VIEWER})
    done = home.invoke("coordinator", "reset", EMAIL, "--db", house.url)
    after = house.accounts.by_email(EMAIL)

    assert LINK.match(done.stdout.strip())
    assert after
    assert (after.password, after.totp) == (None, None)
    assert after.generation > before.generation


async def test_the_log_says_who_did_what_to_the_day(house: House) -> None:
    chef = house.person("chef@dortmund.example", {"dortmund": Role.ADMIN})
    visitor = Visitor(house.app())
    await visitor.login(chef.email)
    await visitor.submit("dortmund/zugaenge", "dortmund/zugaenge/einladen", email=EMAIL, role="editor")
    html = (await visitor.get("dortmund/protokoll")).text

    assert [(entry.day, entry.account, entry.action) for entry in house.accounts.log("dortmund", NOW.date())] == [
        (NOW.date(), chef.id, "invited"),
        (NOW.date(), chef.id, "login"),
    ]
    assert "22.11.2026" in html
    assert "eingeladen" in html
    assert "10:00" not in html


def test_the_log_forgets_after_twelve_months(house: House) -> None:
    accounts, day = house.accounts, date(2025, 2, 28)
    accounts.record(day, "", "dortmund", Action.RELEASED)

    assert len(accounts.log("dortmund", date(2026, 2, 28))) == 1
    assert accounts.log("dortmund", date(2026, 3, 1)) == []
    accounts.record(date(2026, 3, 1), "", "dortmund", Action.LOGIN)
    assert [entry.action for entry in accounts.log("dortmund", day)] == ["login"]


def test_the_log_of_one_city_says_nothing_of_another(house: House) -> None:
    other = house.person("chef@anderswo.example", {"anderswo": Role.ADMIN})
    house.accounts.record(NOW.date(), other.id, "anderswo", Action.INVITED)
    house.accounts.record(NOW.date(), other.id, "", Action.LOGIN)

    assert house.accounts.log("dortmund", NOW.date()) == []
    assert len(house.accounts.log("anderswo", NOW.date())) == 2


def test_a_leap_day_has_a_year_before_it(house: House) -> None:
    house.accounts.record(date(2028, 2, 29), "", "dortmund", Action.RELEASED)

    assert len(house.accounts.log("dortmund", date(2028, 2, 29))) == 1


def test_roles_include_those_before_them() -> None:
    assert [[role.includes(other) for other in Role] for role in Role] == [
        [True, False, False],
        [True, True, False],
        [True, True, True],
    ]


def test_an_address_is_one_account_however_it_is_written(house: House) -> None:
    first = house.accounts.grant(" Name@Stadt.de ", "dortmund", Role.VIEWER)
    second = house.accounts.grant("name@stadt.DE", "anderswo", Role.ADMIN)

    assert first.id == second.id
    assert second.roles == {"dortmund": Role.VIEWER, "anderswo": Role.ADMIN}


def test_the_last_region_takes_the_account_with_it(house: House) -> None:
    account = house.accounts.grant(EMAIL, "dortmund", Role.VIEWER)
    house.accounts.grant(EMAIL, "anderswo", Role.VIEWER)
    house.accounts.invite(account.id, b"x" * 32, NOW.date() + timedelta(days=7))
    house.accounts.revoke(account.id, "dortmund")
    assert house.accounts.by_id(account.id)
    house.accounts.revoke(account.id, "anderswo")

    assert house.accounts.by_id(account.id) is None
    assert house.accounts.invited(b"x" * 32, NOW.date()) is None


def test_a_password_hash_is_not_shown(house: House) -> None:
    account = house.person(EMAIL, {"dortmund": Role.VIEWER})

    assert account.password
    assert account.password not in repr(account)
