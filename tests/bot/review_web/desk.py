"""The pages over a real database with releases of invented numbers, for the tests in this folder and in the browser."""

import random
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

from argon2 import PasswordHasher
from starlette.applications import Starlette
from starlette.routing import Mount

from bot.review.period import weeks_of
from bot.review.release import Release, Running
from bot.review.tables import lists, of_period, of_year
from bot.review.web import application
from bot.store import Count
from bot.store.accounts import Account, Accounts, Role
from bot.store.database import opened
from bot.store.fence import fenced
from bot.store.releases import Releases
from bot.store.shelf import Shelf
from knowledge.model import Audience, Pack

NOW = datetime(2026, 11, 22, 10, 0, tzinfo=ZoneInfo("Europe/Berlin"))
PASSWORD = "vier blaue Esel warten"
CHEAP = PasswordHasher(time_cost=1, memory_cost=8, parallelism=1)  # a hash says itself how it is to be checked
ROOT = "/koordination"
PERIODS = ("2026-Q1", "2026-Q2", "2026-07", "2026-08", "2026-09", "2026-10")


def counts(pack: Pack, weeks: tuple[str, ...], *, seed: int, most: int = 34) -> list[Count]:
    """Invented counts: a few concerns are frequent, most are rare."""
    chance = random.Random(seed)  # noqa: S311 - invented numbers
    found: list[Count] = []
    concerns = [concern for concern in pack.concerns if concern not in {"akute-gefahr", "sonstiges"}]
    questions = [f"{flow.id}/{node}" for flow in pack.flows.values() for node in list(flow.nodes)[:3]]
    for week in weeks:
        for index, concern in enumerate(concerns):
            for audience in ("teacher", "parent", "student"):
                named = pack.referrals.get(concern, {}).get(Audience(audience), ())
                if named and (n := round(chance.random() * most / (index + 1))):
                    way = chance.choice(("web", "matrix"))
                    found.append(Count(pack.id, week, concern, audience, named[0].actor, way, "referred", n))
        blank = Count(pack.id, week, "", "parent", "", "web", "", 1)
        found += [
            replace(blank, outcome="helped", n=chance.randint(1, 5)),
            replace(blank, outcome="not-helped", n=chance.randint(0, 2)),
            replace(blank, outcome="not-understood", n=chance.randint(1, 6)),
            replace(blank, outcome=f"dropped-at:{chance.choice(questions)}", n=chance.randint(1, 4)),
            replace(blank, outcome="wrong:phone", actor="kub", n=2),
            replace(blank, outcome="wrong:hours", actor="schulpsychologie", n=1),
        ]
    return found


def release(pack: Pack, period: str, *, seed: int = 1, synthetic: bool = False) -> Release:
    """A release of invented numbers; not audited, because these numbers belong to nobody."""
    weeks = weeks_of(period)
    known, made = lists(pack), counts(pack, weeks, seed=seed)
    tables = of_year(made, known, frozenset()) if len(period) == 4 else of_period(made, weeks, known, frozenset())
    return Release(pack.id, period, 1, weeks, tables, synthetic)


@dataclass
class House:
    """A database, its pages, and a clock that a test can turn."""

    url: str
    packs: Mapping[str, Pack]
    public: str = f"http://127.0.0.1{ROOT}"
    ticks: list[float] = field(default_factory=lambda: [0.0])
    today: list[datetime] = field(default_factory=lambda: [NOW])
    weeks: tuple[tuple[str, int], ...] = (("2026-W45", 40), ("2026-W46", 30))

    def __post_init__(self) -> None:
        opened(self.url).dispose()
        self.engine = fenced(self.url)
        self.accounts = Accounts(self.engine)

    def publish(self, *releases: Release) -> None:
        engine = opened(self.url)
        for one in releases:
            Releases(engine).add(one, NOW.date())
        engine.dispose()

    def person(self, email: str, roles: Mapping[str, Role], hashed: str = "") -> Account:
        """Somebody who has accepted an invitation; *hashed* is the hash of the password, if not the cheap one."""
        for region, role in roles.items():
            account = self.accounts.grant(email, region, role)
        self.accounts.set_password(account.id, hashed or CHEAP.hash(PASSWORD))
        found = self.accounts.by_id(account.id)
        assert found
        return found

    def app(self) -> Starlette:
        inner = application(
            accounts=self.accounts,
            shelf=Shelf(self.engine),
            regions=tuple(self.packs),
            packs=self.packs.__getitem__,
            unreleased=lambda region: Running(region, self.weeks),
            clock=lambda: self.today[0],
            tick=lambda: self.ticks[0],
            public=self.public,
        )
        return Starlette(routes=[Mount(ROOT, inner)])

    def later(self, seconds: float) -> None:
        self.ticks[0] += seconds
        self.today[0] += timedelta(seconds=seconds)

    def close(self) -> None:
        self.engine.dispose()
