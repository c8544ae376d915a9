"""Accounts of coordinators: invitation links, passwords, second factors, and the decision who may log in."""

import hashlib
import re
import secrets
from collections.abc import Callable
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from functools import cache
from itertools import pairwise

import pyotp
from argon2 import PasswordHasher
from argon2.exceptions import InvalidHashError, VerifyMismatchError

from bot.store.accounts import Account, Accounts, Action, Role
from config.settings import Web

DAYS = 7  # an invitation is valid
SHORTEST = 12  # characters of a password
LONGEST = 200  # Argon2 reads all of it; more is an attack
COMMON = ("123456789", "qwertz", "qwerty", "passwort", "password", "schullotse", "geheim", "hallo", "willkommen")
EMAIL = re.compile(r"[A-Za-z0-9!#$%&*+/=?^_`{|}~.-]{1,64}@[A-Za-z0-9.-]{1,180}\.[A-Za-z]{2,24}")
PATH = "/koordination"  # where the pages stand below the address of the web door
STEP = 30  # seconds a code of the second factor is valid, RFC 6238


def invite(accounts: Accounts, account: Account, today: date) -> str:
    """The secret part of a new invitation link; older ones of this account stop working."""
    secret = secrets.token_urlsafe(32)
    accounts.invite(account.id, hashed(secret), today + timedelta(days=DAYS))
    return secret


def add(  # noqa: PLR0913 - who, what, when and by whom
    accounts: Accounts, email: str, region: str, role: Role, *, today: date, by: str = ""
) -> Account:
    """Give somebody a role. Who has no password yet needs an invitation."""
    before = accounts.by_email(email)
    account = accounts.grant(email, region, role)
    accounts.record(today, by, region, Action.ROLE if before else Action.INVITED)
    return account


def address(web: Web) -> str:
    """The address of the pages as people reach them."""
    return (web.url or f"http://{web.host}:{web.port or 8080}") + PATH


def hashed(secret: str) -> bytes:
    """What is stored of a random secret."""
    return hashlib.sha256(secret.encode("utf-8", "replace")).digest()


def weakness(password: str, email: str) -> str | None:
    """Why *password* cannot be used, as the key of a text; None if it can."""
    plain = password.lower()
    if len(password) < SHORTEST:
        return "password_short"
    if len(password) > LONGEST:
        return "password_long"
    parts = [part for part in email.lower().replace("@", ".").replace("-", ".").split(".") if len(part) > 3]
    if any(part in plain for part in parts):
        return "password_name"
    if len(set(plain)) < 5 or any(common in plain for common in COMMON) or _counting(plain):
        return "password_common"
    return None


def _counting(plain: str) -> bool:
    """One long run such as 0123456789ab or abcdefghijkl."""
    return all(ord(after) - ord(before) == 1 for before, after in pairwise(plain[:10]))


def make_hash(password: str) -> str:
    return PasswordHasher().hash(password)


def matches(known: str, password: str) -> bool:
    try:
        return PasswordHasher().verify(known, password)
    except (VerifyMismatchError, InvalidHashError):
        return False


@dataclass(frozen=True, slots=True)
class Doorkeeper:
    """Decides on logins. *clock* is the time of the codes' second factor."""

    accounts: Accounts
    clock: Callable[[], datetime]
    check: Callable[[str, str], bool] = matches

    def admit(self, email: str, password: str, code: str) -> Account | None:
        """The account, if all is right. Takes the same time whether or not the account exists; blocking."""
        account = self.accounts.by_email(email)
        known = account.password if account and account.password else _nobody()
        right = self.check(known, password[: LONGEST + 1])
        if account is None or not account.password or not right:
            return None
        if account.totp and not self.code_fits(account, account.totp, code):
            return None
        return account

    def code_fits(self, account: Account, secret: str, code: str) -> bool:
        """Whether *code* is right now, and was not used before. One step early or late is allowed."""
        totp = pyotp.TOTP(secret)
        now = int(self.clock().timestamp()) // STEP
        given = "".join(code.split())
        for step in (now - 1, now, now + 1):
            if secrets.compare_digest(totp.generate_otp(step).encode(), given.encode()):
                return self.accounts.use_step(account.id, step)
        return False


def prepare() -> None:
    """What would make the very first login take longer than others."""
    _nobody()


@cache
def _nobody() -> str:
    """A hash that nothing matches, for accounts that do not exist."""
    return make_hash(secrets.token_urlsafe(32))
