"""The door: invitations, passwords, second factor, sessions, cookies, forms, and people who guess."""

import re
import sqlite3
from contextlib import closing
from datetime import timedelta

import argon2
import pyotp
import pytest

from bot.review import accounts as accounting
from bot.review.access import TRIES, Sessions
from bot.store.accounts import Role
from tests.bot.review_web.desk import NOW, PASSWORD, ROOT, House
from tests.bot.review_web.visitor import Visitor

EMAIL = "lesen@dortmund.example"
NEW = "grüne Tassen fliegen tief"


@pytest.fixture
def person(house: House) -> House:
    house.person(EMAIL, {"dortmund": Role.VIEWER})
    return house


def invited(house: House, email: str = EMAIL) -> str:
    account = accounting.add(house.accounts, email, "dortmund", Role.VIEWER, today=NOW.date())
    return f"einladung/{accounting.invite(house.accounts, account, NOW.date())}"


async def test_an_invited_person_sets_a_password_and_gets_in(house: House) -> None:
    link, visitor = invited(house), Visitor(house.app())
    assert EMAIL in (await visitor.get(link)).text
    answer = await visitor.submit(link, password=NEW, again=NEW)

    assert answer.headers["location"] == f"{ROOT}/anmelden"
    assert (await visitor.login(EMAIL, NEW)).headers["location"] == f"{ROOT}/"
    assert (await visitor.get("")).headers["location"] == f"{ROOT}/dortmund/"


async def test_a_link_works_once(house: House) -> None:
    link, visitor = invited(house), Visitor(house.app())
    await visitor.submit(link, password=NEW, again=NEW)

    assert (await visitor.get(link)).status_code == 404


async def test_looking_at_a_link_does_not_use_it_up(house: House) -> None:
    link, visitor = invited(house), Visitor(house.app())
    for _ in range(3):
        assert (await visitor.get(link)).status_code == 200


@pytest.mark.parametrize(("days", "status"), [(7, 200), (8, 404)])
async def test_a_link_lives_seven_days(house: House, days: int, status: int) -> None:
    link = invited(house)
    house.today[0] = NOW + timedelta(days=days)

    assert (await Visitor(house.app()).get(link)).status_code == status


async def test_a_newer_link_ends_the_older_one(house: House) -> None:
    old, new = invited(house), invited(house)
    visitor = Visitor(house.app())

    assert ((await visitor.get(old)).status_code, (await visitor.get(new)).status_code) == (404, 200)


async def test_neither_link_nor_password_nor_session_stands_in_the_database(house: House) -> None:
    link, visitor = invited(house), Visitor(house.app())
    await visitor.submit(link, password=NEW, again=NEW)
    second = invited(house, "zweite@dortmund.example")
    await visitor.login(EMAIL, NEW)
    with closing(sqlite3.connect(house.url.removeprefix("sqlite:///"))) as live:
        everything = "\n".join(live.iterdump())

    assert EMAIL in everything
    for secret in (link.split("/")[1], second.split("/")[1], NEW, visitor.cookie()):
        assert secret not in everything


@pytest.mark.parametrize(
    ("password", "problem"),
    [
        ("kurz", "mindestens 12"),
        ("x" * 201, "mehr als 200"),
        ("dortmund ist schön", "E-Mail-Adresse"),
        ("passwort12345", "zu bekannt"),
        ("123456789012", "zu bekannt"),
        ("abcdefghijklm", "zu bekannt"),
        ("aaaaaaaaaaaaaa", "zu bekannt"),
    ],
)
async def test_a_weak_password_is_refused_with_the_reason(house: House, password: str, problem: str) -> None:
    answer = await Visitor(house.app()).submit(invited(house), password=password, again=password)

    assert answer.status_code == 422
    assert problem in answer.text
    assert (account := house.accounts.by_email(EMAIL))
    assert account.password is None


async def test_both_passwords_must_be_equal(house: House) -> None:
    answer = await Visitor(house.app()).submit(invited(house), password=NEW, again=NEW + "!")

    assert "nicht gleich" in answer.text


@pytest.mark.parametrize("email", [EMAIL, "niemand@dortmund.example", ""])
async def test_a_wrong_login_says_the_same_whether_or_not_the_account_exists(person: House, email: str) -> None:
    answer = await Visitor(person.app()).login(email, "falsch und lang genug")

    assert answer.status_code == 403
    assert "E-Mail-Adresse, Passwort oder Code stimmt nicht." in answer.text


@pytest.mark.parametrize("email", [EMAIL, "niemand@dortmund.example", "eingeladen@dortmund.example"])
def test_every_login_is_checked_against_a_hash_of_the_same_cost(house: House, email: str) -> None:
    house.person(EMAIL, {"dortmund": Role.VIEWER}, hashed=accounting.make_hash(PASSWORD))
    house.accounts.grant("eingeladen@dortmund.example", "dortmund", Role.VIEWER)
    checked = []

    def check(known: str, password: str) -> bool:
        checked.append(argon2.extract_parameters(known))
        return accounting.matches(known, password)

    assert accounting.Doorkeeper(house.accounts, lambda: NOW, check).admit(email, "falsch und lang genug", "") is None
    assert checked == [argon2.extract_parameters(accounting.make_hash(PASSWORD))]
    assert checked[0].type is argon2.Type.ID


async def test_ten_tries_then_it_is_closed_even_for_the_right_password(person: House) -> None:
    app = person.app()
    visitor = Visitor(app)
    for _ in range(TRIES):
        assert (await visitor.login(EMAIL, "falsch und lang genug")).status_code == 403

    assert (await visitor.login(EMAIL)).status_code == 429
    assert (await Visitor(app).login(EMAIL.upper())).status_code == 429


async def test_the_owner_gets_in_from_another_address_while_somebody_guesses(person: House) -> None:
    app = person.app()
    guesser, owner = Visitor(app, "203.0.113.9"), Visitor(app, "192.0.2.77")
    for _ in range(TRIES + 5):
        await guesser.login(EMAIL, "falsch und lang genug")

    assert (await guesser.login(EMAIL)).status_code == 429
    assert (await owner.login(EMAIL)).status_code == 303


async def test_after_a_quarter_of_an_hour_there_are_new_tries(person: House) -> None:
    visitor = Visitor(person.app())
    for _ in range(TRIES):
        await visitor.login(EMAIL, "falsch und lang genug")
    person.later(15 * 60 - 1)
    assert (await visitor.login(EMAIL)).status_code == 429
    person.later(1)

    assert (await visitor.login(EMAIL)).status_code == 303


async def test_guessing_the_password_inside_a_session_has_the_same_limit(person: House) -> None:
    visitor = Visitor(person.app())
    await visitor.login(EMAIL)
    for _ in range(TRIES):
        await visitor.submit("konto", "konto/loeschen", current="falsch")
    answer = await visitor.submit("konto", "konto/loeschen", current=PASSWORD)

    assert answer.status_code == 422
    assert person.accounts.by_email(EMAIL)


async def test_the_session_has_a_new_id_that_nobody_could_have_planted(person: House) -> None:
    app = person.app()
    visitor, planted = Visitor(app), Visitor(app)
    for browser in (visitor, planted):
        browser.client.cookies.set("koordination", "planted", domain="127.0.0.1", path=ROOT)
    page = await visitor.get("anmelden")
    assert "set-cookie" not in page.headers
    await visitor.login(EMAIL)
    first = visitor.cookie()

    assert first not in {"", "planted"}
    assert (await planted.get("dortmund/")).status_code == 303
    await visitor.login(EMAIL)
    assert visitor.cookie() != first


@pytest.mark.parametrize(
    ("public", "name", "secure"),
    [
        ("http://127.0.0.1:8080/koordination", "koordination", False),
        ("http://localhost/koordination", "koordination", False),
        ("https://schullotse.example.org/koordination", "__Secure-koordination", True),
        ("http://schullotse.example.org/koordination", "__Secure-koordination", True),
    ],
)
async def test_the_cookie_is_strict(person: House, public: str, name: str, secure: bool) -> None:
    person.public = public
    cookie = (await Visitor(person.app()).get("anmelden")).headers["set-cookie"]

    assert cookie.startswith(f"{name}=")
    assert "HttpOnly" in cookie
    assert "SameSite=strict" in cookie
    assert f"Path={ROOT}" in cookie
    assert "Max-Age" not in cookie
    assert ("Secure" in cookie.split(";", 1)[1]) is secure


@pytest.mark.parametrize(("pauses", "open_still"), [([29 * 60], True), ([30 * 60], False)])
async def test_a_session_ends_after_half_an_hour_of_silence(
    person: House, pauses: list[float], open_still: bool
) -> None:
    visitor = Visitor(person.app())
    await visitor.login(EMAIL)
    for pause in pauses:
        person.later(pause)

    assert ((await visitor.get("dortmund/")).status_code == 200) is open_still


async def test_a_session_ends_after_eight_hours_whatever_happens(person: House) -> None:
    visitor = Visitor(person.app())
    await visitor.login(EMAIL)
    for _ in range(23):
        person.later(20 * 60)
        assert (await visitor.get("konto")).status_code == 200
    person.later(20 * 60)

    assert (await visitor.get("konto")).status_code == 303


def test_ended_sessions_leave_the_memory() -> None:
    now = [0.0]
    sessions = Sessions(lambda: now[0])
    old = sessions.begin("a", 0)
    now[0] = 31 * 60.0
    sessions.begin("b", 0)

    assert len(sessions._open) == 1
    assert sessions.find(old) is None


async def test_logging_out_ends_the_session_for_whoever_kept_the_cookie(person: House) -> None:
    visitor = Visitor(person.app())
    await visitor.login(EMAIL)
    kept = visitor.cookie()
    await visitor.submit("konto", "abmelden")
    visitor.client.cookies.clear()
    visitor.client.cookies.set("koordination", kept, domain="127.0.0.1", path=ROOT)

    assert (await visitor.get("konto")).status_code == 303


async def test_logging_out_everywhere_ends_every_session_of_this_person_only(person: House) -> None:
    person.person("andere@dortmund.example", {"dortmund": Role.VIEWER})
    app = person.app()
    here, there, other = Visitor(app), Visitor(app, "192.0.2.9"), Visitor(app)
    for visitor, email in ((here, EMAIL), (there, EMAIL), (other, "andere@dortmund.example")):
        await visitor.login(email)
    await here.submit("konto", "abmelden-ueberall")

    assert [(await visitor.get("konto")).status_code for visitor in (here, there, other)] == [303, 303, 200]


@pytest.mark.parametrize(
    "path", ["abmelden", "abmelden-ueberall", "konto/passwort", "konto/loeschen", "konto/zweiter-faktor"]
)
async def test_a_form_from_elsewhere_does_nothing(person: House, path: str) -> None:
    visitor = Visitor(person.app())
    await visitor.login(EMAIL)
    before = person.accounts.by_email(EMAIL)
    for token in ("", "0" * 64, "ü"):
        assert (await visitor.post(path, token=token, current=PASSWORD)).status_code == 403

    assert (await visitor.get("konto")).status_code == 200
    assert person.accounts.by_email(EMAIL) == before


async def test_the_proof_of_one_form_does_not_fit_another_form_or_another_browser(person: House) -> None:
    app = person.app()
    visitor, thief = Visitor(app), Visitor(app)
    await visitor.login(EMAIL)
    await thief.login(EMAIL)
    html = (await thief.get("konto")).text
    found = re.search(r'action="/koordination/konto/loeschen"><input type="hidden" name="token" value="(\w+)"', html)
    assert found

    assert (await visitor.post("konto/loeschen", token=found[1], current=PASSWORD)).status_code == 403
    assert (await thief.post("konto/passwort", token=found[1], current=PASSWORD)).status_code == 403


async def test_a_login_cannot_be_sent_from_another_site(person: House) -> None:
    assert (await Visitor(person.app()).post("anmelden", email=EMAIL, password=PASSWORD)).status_code == 403


async def test_a_new_password_ends_all_sessions(person: House) -> None:
    visitor = Visitor(person.app())
    await visitor.login(EMAIL)
    await visitor.submit("konto", "konto/passwort", current=PASSWORD, password=NEW, again=NEW)

    assert (await visitor.get("konto")).status_code == 303
    assert (await visitor.login(EMAIL)).status_code == 403
    assert (await visitor.login(EMAIL, NEW)).status_code == 303


async def test_an_account_is_deleted_by_its_owner_with_everything_it_holds(person: House) -> None:
    visitor = Visitor(person.app())
    await visitor.login(EMAIL)
    await visitor.submit("konto", "konto/loeschen", current=PASSWORD)
    with closing(sqlite3.connect(person.url.removeprefix("sqlite:///"))) as live:
        everything = "\n".join(live.iterdump())

    assert person.accounts.all() == []
    assert EMAIL not in everything


async def second_factor(house: House, visitor: Visitor) -> pyotp.TOTP:
    offer = await visitor.submit("konto", "konto/zweiter-faktor")
    secret = re.search(r'<code class="line">([A-Z2-7]{32})</code>', offer.text)
    token = re.search(r'zweiter-faktor/code"><input type="hidden" name="token" value="(\w+)"', offer.text)
    assert secret
    assert token
    assert "<svg" in offer.text
    totp = pyotp.TOTP(secret[1])
    answer = await visitor.post("konto/zweiter-faktor/code", token=token[1], code=totp.at(house.today[0]))
    assert answer.status_code == 303
    return totp


async def test_with_a_second_factor_the_password_alone_is_not_enough(person: House) -> None:
    visitor = Visitor(person.app())
    await visitor.login(EMAIL)
    totp = await second_factor(person, visitor)
    person.later(60)

    assert (await visitor.login(EMAIL)).status_code == 403
    assert (await visitor.login(EMAIL, code="000000")).status_code == 403
    assert (await visitor.login(EMAIL, code=totp.at(person.today[0]))).status_code == 303


async def test_a_code_works_once(person: House) -> None:
    visitor = Visitor(person.app())
    await visitor.login(EMAIL)
    totp = await second_factor(person, visitor)
    person.later(60)
    code = totp.at(person.today[0])

    assert (await visitor.login(EMAIL, code=code)).status_code == 303
    assert (await visitor.login(EMAIL, code=code)).status_code == 403


async def test_a_second_factor_counts_only_when_a_code_was_right(person: House) -> None:
    visitor = Visitor(person.app())
    await visitor.login(EMAIL)
    await visitor.submit("konto", "konto/zweiter-faktor")

    assert (await visitor.login(EMAIL)).status_code == 303


async def test_removing_the_second_factor_needs_the_password(person: House) -> None:
    visitor = Visitor(person.app())
    await visitor.login(EMAIL)
    await second_factor(person, visitor)
    refused = await visitor.submit("konto", "konto/ohne-zweiten-faktor", current="falsch")
    assert refused.status_code == 422
    await visitor.submit("konto", "konto/ohne-zweiten-faktor", current=PASSWORD)

    assert (await visitor.login(EMAIL)).status_code == 303


@pytest.mark.parametrize("body", [b"\xff\xfe", b"token=" + b"x" * 20_000, b"&".join([b"a=1"] * 50)])
async def test_what_is_no_form_is_refused(person: House, body: bytes) -> None:
    headers = {"content-type": "application/x-www-form-urlencoded"}
    answer = await Visitor(person.app()).client.post(f"{ROOT}/anmelden", content=body, headers=headers)

    assert answer.status_code in {400, 413}
    assert "default-src 'self'" in answer.headers["content-security-policy"]
