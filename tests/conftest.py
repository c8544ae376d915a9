"""Shared by all tests: the shipped knowledge, loaded once, and `--update` for the golden dialogues."""

import bot  # noqa: F401, I001 - first of all: it sets the number of threads before numpy is imported

from datetime import datetime
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest

from knowledge.base import Knowledge
from knowledge.folders import SHIPPED
from knowledge.load import assembled, examine, load
from knowledge.model import Pack

TOWN = Path(__file__).parent / "data" / "packs" / "beispielstadt"  # an invented town with schools, districts, dates
CACHE = Path(__file__).parent.parent / "build" / "cache"
AT = datetime(2026, 11, 20, 10, 0, tzinfo=ZoneInfo("Europe/Berlin"))  # a Friday morning in term time


def pytest_addoption(parser: pytest.Parser) -> None:
    parser.addoption(
        "--update", action="store_true", help="rewrite the golden dialogues; read the difference like prose"
    )


@pytest.fixture(scope="session")
def knowledge() -> Knowledge:
    return load(cache=CACHE)


@pytest.fixture(scope="session")
def pack(knowledge: Knowledge) -> Pack:
    return knowledge.pack("dortmund", "de")


@pytest.fixture(scope="session")
def town(knowledge: Knowledge) -> Knowledge:
    """The shipped knowledge and the invented town, without fitting the search anew."""
    examined = examine([SHIPPED, TOWN], thorough=False)
    assert examined.errors == ()
    return assembled(examined.folders, examined.german, knowledge.search, version="town")
