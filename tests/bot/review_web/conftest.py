"""A house for each test, and one with releases for all tests that only read."""

from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest

from bot.store.accounts import Role
from knowledge.base import Knowledge
from knowledge.model import Pack
from tests.bot.review_web.desk import PERIODS, House, release


@pytest.fixture(scope="session")
def packs(knowledge: Knowledge, pack: Pack) -> dict[str, Pack]:
    """Dortmund, and a second city with the same knowledge."""

    return {"dortmund": pack, "anderswo": replace(pack, id="anderswo", name="Anderswo")}


@pytest.fixture
def house(packs: dict[str, Pack], tmp_path: Path) -> Iterator[House]:
    made = House(f"sqlite:///{tmp_path / 'schullotse.db'}", packs)
    yield made
    made.close()


@pytest.fixture(scope="session")
def furnished(packs: dict[str, Pack], tmp_path_factory: pytest.TempPathFactory) -> Iterator[House]:
    """Releases of both cities, and one person for each role and city. Only for reading."""
    made = House(f"sqlite:///{tmp_path_factory.mktemp('furnished') / 'schullotse.db'}", packs)
    for number, period in enumerate((*PERIODS, "2025")):
        made.publish(release(packs["dortmund"], period, seed=number))
    made.publish(release(packs["anderswo"], "2026-Q3", seed=77, synthetic=True))
    for region in packs:
        for role in Role:
            made.person(f"{role}@{region}.example", {region: role})
    yield made
    made.close()
